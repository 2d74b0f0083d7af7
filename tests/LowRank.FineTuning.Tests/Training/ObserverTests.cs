using System.Buffers.Binary;
using System.Globalization;
using LowRank.Adapters;
using LowRank.FineTuning.Training;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Training;

public sealed class ObserverTests : IDisposable
{
    private static readonly TrainingEvent[] Story =
    [
        new TrainingEvent.Started(0, 2, 2, 7, new ParameterCount(10, 1000)),
        new TrainingEvent.Stepped(1, 0.5, 1.25, 0.001, 3, 4, 40, 0.5),
        new TrainingEvent.Stepped(2, 1, double.NaN, 0.0005, 2, 3, 30, 0.25),
        new TrainingEvent.Evaluated(2, 1, [new("accuracy", 0.75), new("loss", 0.5)], true, 0.1),
    ];

    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void MetricsFile_Story_HasOneLineEach()
    {
        var file = new MetricsFile(_scratch["metrics.jsonl"]);
        Tell(file);
        Assert.Equal(
            """
            {"step":1,"epoch":0.5,"loss":1.25,"learning_rate":0.001,"gradient_norm":3,"rows":4,"tokens":40}
            {"step":2,"epoch":1,"loss":null,"learning_rate":0.0005,"gradient_norm":2,"rows":3,"tokens":30}
            {"step":2,"epoch":1,"evaluation":{"accuracy":0.75,"loss":0.5},"best":true}

            """,
            File.ReadAllText(_scratch["metrics.jsonl"]));
    }

    [Fact]
    public void MetricsFile_Resumed_DropsWhatCameAfterTheCheckpoint()
    {
        var file = new MetricsFile(_scratch["metrics.jsonl"]);
        Tell(file);
        File.AppendAllText(_scratch["metrics.jsonl"], "{\"step\":3,\"epo");
        file.Observe(new TrainingEvent.Started(1, 2, 2, 7, new ParameterCount(10, 1000)));
        Assert.Single(File.ReadAllLines(_scratch["metrics.jsonl"]));
    }

    [Fact]
    public void TensorBoardLog_Story_IsARecordFileWithValidChecksums()
    {
        using (var log = new TensorBoardLog(_scratch["events"]))
        {
            Tell(log);
        }

        var records = Records(File.ReadAllBytes(Assert.Single(Directory.GetFiles(_scratch["events"])))).ToList();
        Assert.Equal(4, records.Count);
        Assert.Contains("brain.Event:2", System.Text.Encoding.Latin1.GetString(records[0]), StringComparison.Ordinal);
        Assert.Contains("train/loss", System.Text.Encoding.Latin1.GetString(records[1]), StringComparison.Ordinal);
        var last = System.Text.Encoding.Latin1.GetString(records[3]);
        Assert.Contains("eval/accuracy\u0015" + Single(0.75f), last, StringComparison.Ordinal);
        Assert.Contains("eval/loss\u0015" + Single(0.5f), last, StringComparison.Ordinal);
    }

    [Fact]
    public void ProgressLines_Story_ReadsWell()
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var lines = new ProgressLines(writer, every: 1);
        Tell(lines);
        Assert.Equal(
            """
            trainable params: 10 || all params: 1,000 || trainable%: 1.0000
            7 rows, 2 steps per epoch, 2 steps
            step 1/2  loss 1.2500  rate 0.001  8.0 samples/s
            step 2/2  loss NaN  rate 0.0005  12.0 samples/s
            step 2/2  accuracy 0.7500  loss 0.5000  (best so far)

            """,
            writer.ToString());
    }

    private static void Tell(TrainingObserver observer)
    {
        foreach (var happened in Story)
        {
            observer.Observe(happened);
        }
    }

    private static string Single(float value) => System.Text.Encoding.Latin1.GetString(BitConverter.GetBytes(value));

    // The record format, with CRC-32C bit by bit (polynomial 0x82F63B78): independent of the writer.
    private static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; at < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var data = file.AsSpan(at + 12, length).ToArray();
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            at += 16 + length;
            yield return data;
        }
    }

    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
            }
        }

        crc = ~crc;
        return unchecked(((crc >> 15) | (crc << 17)) + 0xA282EAD8u);
    }
}
