using CsCheck;
using LowRank.Tensors;

namespace LowRank.Tests.Tensors;

public sealed class InitializeProperties
{
    [Fact]
    public void SemiOrthogonal_AnyShape_AllSingularValuesAreTheScale() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12], Gen.Double[1e-3, 2], Gen.Int).Sample(
            (rows, columns, scale, seed) =>
            {
                using var matrix = Initialize.SemiOrthogonal(rows, columns, Seed.From(seed), scale);
                Assert.Equal([rows, columns], matrix.shape);
                Assert.All(Spectrum.SingularValues(matrix), value => Assert.Equal(scale, value, 1e-12));
            },
            iter: 60,
            threads: 1);

    [Fact]
    public void Mask_AnyFraction_HasTheFloorOfIt() =>
        Gen.Select(Gen.Int[1, 15], Gen.Int[1, 15], Gen.Int[0, 100], Gen.Int).Sample(
            (rows, columns, percent, seed) =>
            {
                using var mask = Initialize.Mask(rows, columns, percent / 100.0, Seed.From(seed));
                Assert.Equal(percent * rows * columns / 100, mask.sum().item<long>());
            },
            iter: 60,
            threads: 1);
}
