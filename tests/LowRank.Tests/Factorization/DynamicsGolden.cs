using System.Text.Json;
using LowRank.Factorization;
using LowRank.Testing;
using static TorchSharp.torch;

namespace LowRank.Tests.Factorization;

/// <summary>One of the reference runs in tests/golden/dynamics.</summary>
internal sealed class DynamicsGolden
{
    private readonly JsonElement _root;

    public DynamicsGolden(string name) => _root = GoldenFile.ReadJson($"dynamics/{name}.json");

    public int Rank => _root.GetProperty("r").GetInt32();

    public int Steps => _root.GetProperty("steps").GetInt32();

    public double StepSize => _root.GetProperty("eta").GetDouble();

    public double[] FullLoss => Numbers(_root.GetProperty("full_loss"));

    public double[][] Rho => [.. _root.GetProperty("rho").EnumerateArray().Select(Numbers)];

    public DescentOptions Options(double outerRate) => new()
    {
        StepSize = StepSize,
        MaxSteps = Steps,
        CheckEvery = 1,
        Tolerance = 0,
        OuterRate = outerRate,
    };

    public DeepFactorization Model() =>
        DeepFactorization.FromFactors([.. _root.GetProperty("W0").EnumerateArray().Select(ToMatrix)]);

    public Tensor Matrix(string name) => ToMatrix(_root.GetProperty(name));

    public Objective Objective() => _root.TryGetProperty("mask", out var mask)
        ? new MaskedObjective(Matrix("Phi"), ToMatrix(mask).to(ScalarType.Bool))
        : new FullObjective(Matrix("Phi"));

    public double[] CompressedLoss(string outerRate) => Numbers(Compressed(outerRate).GetProperty("loss"));

    public Tensor CompressedEnd(string outerRate) => ToMatrix(Compressed(outerRate).GetProperty("final_end_to_end"));

    public double CompressedRecovery(string outerRate) =>
        Compressed(outerRate).GetProperty("final_relative_recovery_error").GetDouble();

    /// <summary>Singular values per factor at a checkpoint.</summary>
    public double[][] Spectra(int step) =>
        [.. _root.GetProperty("full_singular_values").GetProperty($"{step}").EnumerateArray().Select(Numbers)];

    private JsonElement Compressed(string outerRate) => _root.GetProperty("compressed").GetProperty(outerRate);

    private static double[] Numbers(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetDouble())];

    private static Tensor ToMatrix(JsonElement rows)
    {
        var values = rows.EnumerateArray().Select(Numbers).ToArray();
        return tensor(values.SelectMany(row => row).ToArray()).view(values.Length, values[0].Length);
    }
}
