using System.Text.Json;
using System.Text.Json.Serialization;
using LowRank.Completion.Kernels;
using LowRank.Completion.Solvers;
using LowRank.Tensors;

namespace LowRank.Completion;

/// <summary>A fitted model on disk: <c>model.safetensors</c> holds the numbers and ids, <c>model.json</c> the rest.</summary>
/// <remarks>
/// Tensors: <c>left</c> [rows, width], <c>core.1</c> ... <c>core.L</c> [width, width], <c>right</c> [columns, width],
/// <c>row_bias</c>, <c>column_bias</c>, all float64; <c>row_ids</c> and <c>column_ids</c> as UTF-8 bytes with
/// <c>..._ends</c> offsets; <c>seen</c> and <c>seen_starts</c>, the columns each row was observed in.
/// The numbers are written first, the description last: a folder with both is whole.
/// </remarks>
internal static class CompletionFolder
{
    private const string Kind = "lowrank-completion";
    private const string NumbersFile = "model.safetensors";
    private const string DescriptionFile = "model.json";
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static void Write(CompletionModel model, string folder)
    {
        var factors = model.Factors;
        var tensors = new List<TensorData>
        {
            TensorData.Of("left", Plain(factors.Left), model.RowCount, factors.Width),
            TensorData.Of("right", Plain(factors.Right), model.ColumnCount, factors.Width),
            TensorData.Of("row_bias", factors.RowBiases, model.RowCount),
            TensorData.Of("column_bias", factors.ColumnBiases, model.ColumnCount),
        };
        for (var l = 0; l < factors.Cores.Length; l++)
        {
            tensors.Add(TensorData.Of($"core.{l + 1}", factors.Cores[l], factors.Width, factors.Width));
        }

        StoredIds.Add(tensors, "row_ids", model.RowIds);
        StoredIds.Add(tensors, "column_ids", model.ColumnIds);
        if (model.Seen is { } seen)
        {
            tensors.Add(TensorData.Of("seen", seen.Columns, seen.Columns.Length));
            tensors.Add(TensorData.Of("seen_starts", seen.Starts, seen.Starts.Length));
        }

        var description = new Description(
            Kind, 1, factors.Cores.Length, model.Mean, model.Low, model.High, model.Report);
        SafeTensors.Write(Path.Combine(folder, NumbersFile), tensors, new Dictionary<string, string> { ["kind"] = Kind });
        AtomicFile.WriteText(Path.Combine(folder, DescriptionFile), JsonSerializer.Serialize(description, Json) + "\n");
    }

    public static CompletionModel Read(string folder)
    {
        var path = Path.Combine(folder, DescriptionFile);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException(
                $"{path}: there is no such file; wanted a model folder that 'lowrank complete' wrote. Check the path.", path);
        }

        var description = ReadDescription(path);
        using var file = SafeTensorsFile.Open(Path.Combine(folder, NumbersFile));
        var rowBiases = file.Read<double>("row_bias");
        var columnBiases = file.Read<double>("column_bias");
        var left = ReadTall(file, "left", rowBiases.Length);
        var right = ReadTall(file, "right", columnBiases.Length);
        CheckWidth(file, "right", right.Width, left.Width);
        var cores = new double[description.Depth][];
        for (var l = 0; l < cores.Length; l++)
        {
            cores[l] = ReadTall(file, $"core.{l + 1}", left.Width) is var core && core.Width == left.Width
                ? Plain(core)
                : throw Fault(file, $"core.{l + 1}", $"{core.Width} columns", $"{left.Width}");
        }

        var factors = new ChainFactors(description.Mean, rowBiases, columnBiases, left, cores, right);
        return new(
            factors,
            StoredIds.Read(file, "row_ids", rowBiases.Length),
            StoredIds.Read(file, "column_ids", columnBiases.Length),
            description.Low,
            description.High,
            ReadSeen(file, rowBiases.Length, columnBiases.Length),
            description.Report);
    }

    private static Description ReadDescription(string path)
    {
        Description? description;
        try
        {
            description = JsonSerializer.Deserialize<Description>(File.ReadAllBytes(path), Json);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(
                $"{path}: line {e.LineNumber + 1}: got no valid description ({e.Message.Split('.')[0]}); wanted the file "
                + "that 'lowrank complete' wrote. Fit the model again.", e);
        }

        return description is { Kind: Kind, Version: 1, Depth: >= 0, Report: not null }
            ? description
            : throw new InvalidDataException(
                $"{path}: got kind '{description?.Kind}', version {description?.Version}; wanted '{Kind}', version 1. "
                + "This is not a completion model, or one of a newer release.");
    }

    private static Seen? ReadSeen(SafeTensorsFile file, int rows, int columns)
    {
        if (!file.Contains("seen"))
        {
            return null;
        }

        var seen = new Seen(file.Read<int>("seen_starts"), file.Read<int>("seen"));
        var whole = seen.Starts.Length == rows + 1 && seen.Starts[0] == 0 && seen.Starts[^1] == seen.Columns.Length
            && Array.TrueForAll(seen.Columns, j => (uint)j < (uint)columns);
        for (var i = 0; whole && i < rows; i++)
        {
            whole = seen.Starts[i] <= seen.Starts[i + 1];
        }

        return whole ? seen : throw Fault(file, "seen", "places that do not fit the matrix", $"{rows} x {columns}");
    }

    private static Tall<double> ReadTall(SafeTensorsFile file, string name, int rows)
    {
        var shape = file.Entry(name).Shape;
        if (shape.Count != 2 || shape[0] != rows)
        {
            throw Fault(file, name, $"shape [{string.Join(", ", shape)}]", $"[{rows}, width]");
        }

        var plain = file.Read<double>(name);
        if (Array.Exists(plain, x => !double.IsFinite(x)))
        {
            throw Fault(file, name, "a number that is not finite", "finite numbers");
        }

        var tall = new Tall<double>(rows, (int)shape[1]);
        for (var i = 0; i < rows; i++)
        {
            plain.AsSpan(i * tall.Width, tall.Width).CopyTo(tall.Row(i));
        }

        return tall;
    }

    private static void CheckWidth(SafeTensorsFile file, string name, int got, int wanted)
    {
        if (got != wanted)
        {
            throw Fault(file, name, $"width {got}", $"{wanted}, as in left");
        }
    }

    private static InvalidDataException Fault(SafeTensorsFile file, string tensor, string got, string wanted) =>
        new($"{file.Path}: tensor '{tensor}': got {got}; wanted {wanted}. The file is damaged: fit the model again.");

    private static double[] Plain(Tall<double> tall)
    {
        var plain = new double[(long)tall.Rows * tall.Width];
        for (var i = 0; i < tall.Rows; i++)
        {
            tall.Row(i).CopyTo(plain.AsSpan(i * tall.Width));
        }

        return plain;
    }

    private sealed record Description(
        string Kind, int Version, int Depth, double Mean, double Low, double High, CompletionReport Report);
}
