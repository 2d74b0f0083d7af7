using System.Numerics;
using LowRank.Completion.Kernels;
using LowRank.Factorization;
using LowRank.Tensors;
using TorchSharp;

namespace LowRank.Completion.Solvers;

/// <summary>Where gradient descent begins: compressed out of the data, random and narrow, or where a model stands.</summary>
internal static class DescentOrigin<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Passes = 8;          // of subspace iteration
    private const double Caution = 0.8;    // of the largest stable step

    public static DescentPoint<T> Create(FitRequest request, CompressedDescent method, SparseRows<T> byRow)
    {
        var seed = request.Options.Seed;
        var svd = SubspaceSvd<T>.Compute(
            byRow, byRow.Transpose(), Math.Max(1, request.Rank), Passes, seed.For("svd").Random(), request.Options.ThreadCount);
        var step = StepSize(svd.SingularValues[0], byRow, method.Depth);
        if (request.From is { } from)
        {
            return Continue(from, 2 * request.Rank, method.Depth, step);
        }

        return method.Start == DescentStart.Narrow
            ? Narrow(byRow, 2 * request.Rank, method, seed, step)
            : Compressed(svd, method, seed, step);
    }

    // Around a balanced solution of singular value s the curvature is about L s^(2 - 2/L) per observed share of cells.
    private static double StepSize(double largest, SparseRows<T> data, int depth)
    {
        var share = data.TrainingCount() / ((double)data.Count * data.Width);
        var value = Math.Max(largest / share, double.Epsilon);
        return Caution / (depth * share * Math.Pow(value, 2 - (2.0 / depth)));
    }

    private static DescentPoint<T> Compressed(SubspaceSvd<T> svd, CompressedDescent method, Seed seed, double step)
    {
        using var scope = torch.NewDisposeScope();
        using var outer = Compression.FromSingularVectors(ToTensor(svd.Left), ToTensor(svd.Right), seed.For("frames"));
        var left = FromTensor(outer.Left);
        var cores = Enumerable.Range(0, method.Depth).Select(_ => Small.Identity(left.Width, method.InitialScale));
        return new(left, [.. cores], FromTensor(outer.Right.t()), step);
    }

    private static DescentPoint<T> Narrow(
        SparseRows<T> data, int width, CompressedDescent method, Seed seed, double step)
    {
        Tall<T> Random(int rows, string name)
        {
            var tall = new Tall<T>(rows, width);
            tall.FillNormal(seed.For(name).Random(), 1);
            var result = new Tall<T>(rows, width);
            SubspaceSvd<T>.Orthonormalize(tall).Times(Small.Identity(width, method.InitialScale), result);
            return result;
        }

        var cores = new List<double[]>();
        for (var l = 2; l < method.Depth; l++)
        {
            var core = Random(width, $"core.{l}");
            cores.Add([.. Enumerable.Range(0, width).SelectMany(p => core.Row(p).ToArray())
                .Select(double.CreateTruncating)]);
        }

        return new(Random(data.Count, "left"), [.. cores], Random(data.Width, "right"), step);
    }

    private static DescentPoint<T> Continue(CompletionModel from, int width, int depth, double step)
    {
        var factors = from.Factors;
        Check.That(
            factors.Width == width && factors.Cores.Length == depth,
            nameof(from),
            $"from: got a model of width {factors.Width} and depth {factors.Cores.Length}; wanted width {width} and depth "
            + $"{depth}. Go on with the options that the model was fitted with.");
        return new(
            factors.Left.To<T>(), [.. factors.Cores.Select(core => (double[])core.Clone())], factors.Right.To<T>(),
            from.Report.StepSize ?? step);
    }

    private static torch.Tensor ToTensor(Tall<T> tall)
    {
        var plain = new double[(long)tall.Rows * tall.Width];
        for (var i = 0; i < tall.Rows; i++)
        {
            for (var k = 0; k < tall.Width; k++)
            {
                plain[(i * tall.Width) + k] = double.CreateTruncating(tall.Row(i)[k]);
            }
        }

        return torch.tensor(plain, [tall.Rows, tall.Width]);
    }

    private static Tall<T> FromTensor(torch.Tensor tensor)
    {
        var tall = new Tall<T>((int)tensor.shape[0], (int)tensor.shape[1]);
        using var flat = tensor.contiguous();
        var plain = flat.ReadNumbers<double>();
        for (var i = 0; i < tall.Rows; i++)
        {
            for (var k = 0; k < tall.Width; k++)
            {
                tall.Row(i)[k] = T.CreateTruncating(plain[(i * tall.Width) + k]);
            }
        }

        return tall;
    }
}
