using LowRank.FineTuning.Data;
using LowRank.Testing;
using Parquet;
using Parquet.Schema;

namespace LowRank.FineTuning.Tests.Data;

public sealed class ParquetTests : IDisposable
{
    private const string HuggingFace =
        """{"info":{"features":{"label":{"names":["bad","good"],"_type":"ClassLabel"},"text":{"_type":"Value"}}}}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Read_HuggingFaceFile_KnowsItsClassNames()
    {
        await WriteAsync(HuggingFace, [1, 0, -1], [1, 1, 0]);

        var set = ExampleReader.Read(_folder["a.parquet"]);

        Assert.Equal(["bad", "good"], set.Labels!.Names);
        Assert.Equal([1, 0, 1, 1, 0], set.ClassIndices());
        Assert.Equal(["text 0.0", "text 0.1", "text 1.0", "text 1.1", "text 1.2"],
            set.Examples.Select(example => example.Text));
        Assert.Equal(new DroppedRows("without a label", 1, set.Report.Dropped[0].Lines), set.Report.Dropped[0]);
        Assert.Equal([3], set.Report.Dropped[0].Lines);
    }

    [Fact]
    public async Task Read_PlainFile_SortsItsNumbers()
    {
        await WriteAsync(null, [7, -1, 7]);

        var set = ExampleReader.Read(_folder["a.parquet"]);

        Assert.Equal(["-1", "7"], set.Labels!.Names);
    }

    [Fact]
    public async Task Read_ColumnsOfEachKind_AreText()
    {
        var text = new DataField<string>("text");
        var score = new DataField<double>("score");
        var small = new DataField<float?>("small");
        var flag = new DataField<bool>("flag");
        var schema = new ParquetSchema(text, score, small, flag);
        await using (var file = File.Create(_folder["a.parquet"]))
        await using (var writer = await ParquetWriter.CreateAsync(schema, file, cancellationToken: Cancel))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(text, ["a", null!, "c"]);
            await group.WriteAsync<double>(score, new[] { 1.0, 2.0, 2.5 }, cancellationToken: Cancel);
            await group.WriteAsync<float>(small, new float?[] { 0.5f, null, 3f }, cancellationToken: Cancel);
            await group.WriteAsync<bool>(flag, new[] { true, false, true }, cancellationToken: Cancel);
        }

        // A column of fractions is one of numbers, whatever its values.
        var numbers = ExampleReader.Read(_folder["a.parquet"], new() { LabelColumn = "score" });
        Assert.Equal([1, 2.5], numbers.Examples.Select(example => example.Target!.Value));
        Assert.Equal("without a text", Assert.Single(numbers.Report.Dropped).Reason);

        var flags = ExampleReader.Read(_folder["a.parquet"], new() { LabelColumn = "flag" });
        Assert.Equal(["true"], flags.Labels!.Names);

        var optional = ExampleReader.Read(_folder["a.parquet"], new() { LabelColumn = "small" });
        Assert.Equal([0.5, 3], optional.Examples.Select(example => example.Target!.Value));
        Assert.Equal("a", ExampleReader.ReadTexts(_folder["a.parquet"]).First().Text);
    }

    [Fact]
    public async Task Read_DescriptionThatDoesNotStop_IsRefused()
    {
        // The library would look for the missing end for ever.
        await WriteAsync(null, [1, 0]);
        var bytes = await File.ReadAllBytesAsync(_folder["a.parquet"], Cancel);
        bytes[^9] = 0xA5;
        await File.WriteAllBytesAsync(_folder["a.parquet"], bytes, Cancel);

        var fault = Assert.Throws<InvalidDataException>(() => ExampleReader.Read(_folder["a.parquet"]));

        Assert.Contains("Its description breaks off.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_DamagedFile_IsReadOrRefused()
    {
        await WriteAsync(HuggingFace, [1, 0, 1, 1], [0, 1]);
        var whole = await File.ReadAllBytesAsync(_folder["a.parquet"], Cancel);
        var random = new Random(17);
        for (var trial = 0; trial < 400; trial++)
        {
            var bytes = whole.ToArray();
            for (var damage = random.Next(1, 5); damage > 0; damage--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var end = random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length;
            await File.WriteAllBytesAsync(_folder["b.parquet"], bytes[..end], Cancel);
            try
            {
                Assert.NotEmpty(ExampleReader.Read(_folder["b.parquet"]).Examples);
            }
            catch (InvalidDataException fault)
            {
                Assert.StartsWith(_folder["b.parquet"], fault.Message, StringComparison.Ordinal);
            }
        }
    }

    private async Task WriteAsync(string? description, params int[][] groups)
    {
        var text = new DataField<string>("text");
        var label = new DataField<long>("label");
        await using var file = File.Create(_folder["a.parquet"]);
        await using var writer = await ParquetWriter.CreateAsync(new(text, label), file, cancellationToken: Cancel);
        if (description is not null)
        {
            writer.CustomMetadata = new Dictionary<string, string> { ["huggingface"] = description };
        }

        for (var at = 0; at < groups.Length; at++)
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(text, [.. groups[at].Select((_, row) => $"text {at}.{row}")]);
            var labels = groups[at].Select(value => (long)value).ToArray();
            await group.WriteAsync<long>(label, labels, cancellationToken: Cancel);
        }
    }
}
