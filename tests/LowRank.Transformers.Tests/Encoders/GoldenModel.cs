using System.Text.Json;
using LowRank.Tensors;
using LowRank.Transformers.Bert;
using LowRank.Transformers.Blocks;
using LowRank.Transformers.DistilBert;
using LowRank.Transformers.Encoders;
using LowRank.Transformers.Roberta;
using TorchSharp;

namespace LowRank.Transformers.Tests.Encoders;

/// <summary>A tiny golden checkpoint: its model, its inputs without padding, its expected values.</summary>
internal sealed class GoldenModel : IDisposable
{
    public static readonly string[] Names = ["bert-regression", "bert-3way", "roberta-2way", "distilbert-2way"];

    private readonly JsonElement _golden;

    private GoldenModel(string name)
    {
        var folder = Folder(name);
        _golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "golden.json"))).RootElement;
        Model = name switch
        {
            "roberta-2way" => new RobertaForSequenceClassification(RobertaConfig.Read(folder)),
            "distilbert-2way" => new DistilBertForSequenceClassification(DistilBertConfig.Read(folder)),
            _ => new BertForSequenceClassification(BertConfig.Read(folder)),
        };
        Model.eval();
        using var weights = TensorMap.Load(Path.Combine(folder, "model.safetensors"));
        Assert.Equal(weights.Names.Order(), Model.named_parameters().Select(parameter => parameter.name).Order());
        using var frozen = torch.no_grad();
        foreach (var (parameterName, parameter) in Model.named_parameters())
        {
            Assert.Equal(parameter.shape, weights[parameterName].shape);
            _ = parameter.copy_(weights[parameterName]);
        }

        Ids = Rows("input_ids");
        TypeIds = _golden.TryGetProperty("token_type_ids", out _) ? Rows("token_type_ids") : null;
    }

    public SequenceClassifier Model { get; }

    /// <summary>The real tokens of each row.</summary>
    public int[][] Ids { get; }

    public int[][]? TypeIds { get; }

    public double Loss => _golden.GetProperty("loss").GetDouble();

    public Dictionary<string, double> GradientNorms => _golden.GetProperty("gradient_frobenius_norm_of_mean_loss")
        .EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.GetDouble());

    public static GoldenModel Open(string name) => new(name);

    public static string Folder(string name) =>
        Path.Combine(AppContext.BaseDirectory, "golden", "checkpoints", name);

    public TokenBatch Batch(Seed? dropout = null) => TokenBatch.Create(Ids, TypeIds, dropout: dropout);

    /// <summary>The mean loss of the golden labels: squared error for one label, else cross-entropy.</summary>
    public torch.Tensor LossOf(torch.Tensor logits)
    {
        var labels = _golden.GetProperty("labels").EnumerateArray();
        return Model.Config.Labels.Count == 1
            ? torch.nn.functional.mse_loss(
                logits.squeeze(1), torch.tensor(labels.Select(label => label.GetDouble()).ToArray()).to(logits.dtype))
            : torch.nn.functional.cross_entropy(
                logits, torch.tensor(labels.Select(label => label.GetInt64()).ToArray()));
    }

    public double[][] Logits() => [.. Matrix(_golden.GetProperty("logits"))];

    /// <summary>The golden hidden states of the real tokens, row after row.</summary>
    public double[][] HiddenStates(string key) =>
        [.. _golden.GetProperty(key).EnumerateArray().SelectMany((row, i) => Matrix(row).Take(Ids[i].Length))];

    public void Dispose() => Model.Dispose();

    private static IEnumerable<double[]> Matrix(JsonElement rows) =>
        rows.EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetDouble()).ToArray());

    private int[][] Rows(string key)
    {
        var mask = _golden.GetProperty("attention_mask").EnumerateArray().ToArray();
        return [.. _golden.GetProperty(key).EnumerateArray().Select((row, i) =>
            row.EnumerateArray().Where((_, j) => mask[i][j].GetInt32() == 1).Select(id => id.GetInt32()).ToArray())];
    }
}
