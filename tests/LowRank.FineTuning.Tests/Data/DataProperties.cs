using CsCheck;
using LowRank.FineTuning.Data;
using LowRank.Tensors;

namespace LowRank.FineTuning.Tests.Data;

public sealed class DataProperties
{
    private const string Alphabet = "text,label\t\n\r\";{}[]:0123.5-\\u\u00e9\ud83d";

    private static readonly Gen<(int[] Counts, double Share, int Seed)> Parts = Gen.Select(
        Gen.Int[0, 12].Array[1, 5].Where(counts => counts.Sum() > 1), Gen.Double[0.01, 0.99], Gen.Int);

    [Fact]
    public void Split_Anything_IsAPartitionWithoutEmptyParts() => Parts.Sample(part =>
    {
        foreach (var data in new[] { ExampleSetTests.Classes(part.Counts), ExampleSetTests.Numbers(part.Counts.Sum()) })
        {
            var (training, validation) = data.Split(part.Share, Seed.From(part.Seed));
            Assert.Equal(
                data.Examples.Select(example => example.Text).Order(StringComparer.Ordinal),
                training.Examples.Concat(validation.Examples).Select(example => example.Text)
                    .Order(StringComparer.Ordinal));
            Assert.True(training.Count > 0 && validation.Count > 0);
            var again = data.Split(part.Share, Seed.From(part.Seed)).Validation;
            Assert.Equal(validation.Examples, again.Examples);
        }
    });

    [Fact]
    public void Split_Classes_AreWithinARowOfTheirShare() => Parts.Where(part => part.Counts.All(n => n is 0 or > 1))
        .Sample(part =>
        {
            var (_, validation) = ExampleSetTests.Classes(part.Counts).Split(part.Share, Seed.From(part.Seed));
            for (var label = 0; label < part.Counts.Length; label++)
            {
                var exact = part.Share * part.Counts[label];
                var count = validation.Report.LabelCounts[label].Count;
                Assert.InRange(count, Math.Floor(exact) - 1, Math.Ceiling(exact) + 1);
            }
        });

    [Theory]
    [InlineData(DataFormat.Csv)]
    [InlineData(DataFormat.Tsv)]
    [InlineData(DataFormat.JsonLines)]
    [InlineData(DataFormat.Json)]
    public void Read_AnyText_GivesExamplesOrInvalidData(DataFormat format) =>
        Gen.Select(Gen.Bool, Gen.Char[Alphabet].Array[0, 80].Select(letters => new string(letters)))
            .Sample((withHeader, body) =>
            {
                var header = format is DataFormat.Csv ? "text,label\n"
                    : format is DataFormat.Tsv ? "text\tlabel\n"
                    : "{\"text\":\"a\",\"label\":1}\n";
                TryRead(() => ExampleReader.Read(new StringReader(withHeader ? header + body : body), "fuzz", format));
            });

    [Theory]
    [InlineData("csv")]
    [InlineData("tsv")]
    [InlineData("jsonl")]
    [InlineData("json")]
    [InlineData("parquet")]
    public void Read_AnyBytes_GivesExamplesOrInvalidData(string extension)
    {
        using var folder = new Testing.ScratchFolder();
        var path = folder[$"a.{extension}"];
        Gen.Byte.Array[0, 200].Sample(
            bytes =>
            {
                File.WriteAllBytes(path, bytes);
                TryRead(() => ExampleReader.Read(path));
            },
            iter: 200,
            threads: 1);
    }

    [Fact]
    public void Read_CsvOfAnyTexts_GivesThemBack() =>
        Gen.Char[" ab,\"\n;'\u00e9"].Array[1, 20].Select(letters => new string(letters))
            .Where(text => !string.IsNullOrWhiteSpace(text))
            .Array[1, 8]
            .Sample(texts =>
            {
                var rows = texts.Select(text => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\",1\n");
                var read = ExampleReader.Read(
                    new StringReader("text,label\n" + string.Concat(rows)), "memory", DataFormat.Csv);
                Assert.Equal(texts, read.Examples.Select(example => example.Text));
            });

    private static void TryRead(Func<ExampleSet> read)
    {
        try
        {
            Assert.NotEmpty(read().Examples);
        }
        catch (InvalidDataException fault)
        {
            Assert.NotEmpty(fault.Message);
        }
    }
}
