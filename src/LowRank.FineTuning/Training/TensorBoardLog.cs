using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using LowRank.Tensors;

namespace LowRank.FineTuning.Training;

/// <summary>Writes TensorBoard event files: the loss, the rate, the gradient's norm and every score.</summary>
/// <remarks>
/// The format is a sequence of records (length, its masked CRC-32C, data, its masked CRC-32C), each a small protocol
/// buffer. Every session of a run writes a file of its own, as TensorBoard expects.
/// </remarks>
public sealed class TensorBoardLog : TrainingObserver, IDisposable
{
    private readonly TimeProvider _clock;
    private readonly FileStream _file;

    /// <summary>Opens a new event file.</summary>
    /// <param name="folder">The log folder; made when missing.</param>
    /// <param name="clock">The time that events are stamped with; the system's when null.</param>
    public TensorBoardLog(string folder, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        Directory.CreateDirectory(Check.NotBlank(folder));
        var stamp = _clock.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var name = $"events.out.tfevents.{stamp[..^3]}.{stamp[^3..]}.{Environment.ProcessId}";
        _file = new FileStream(Path.Combine(folder, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        WriteRecord(writer => writer.Text(3, "brain.Event:2"));
    }

    /// <inheritdoc/>
    public override void Observe(TrainingEvent happened)
    {
        switch (happened)
        {
            case TrainingEvent.Stepped step:
                WriteScalars(step.Step, [
                    new("train/loss", step.Loss),
                    new("train/learning_rate", step.LearningRate),
                    new("train/gradient_norm", step.GradientNorm),
                    new("train/seconds_per_step", step.Seconds),
                ]);
                break;
            case TrainingEvent.Evaluated evaluated:
                WriteScalars(
                    evaluated.Step,
                    evaluated.Scores.Select(score => KeyValuePair.Create($"eval/{score.Key}", score.Value)));
                _file.Flush();
                break;
            case TrainingEvent.Finished:
                _file.Flush();
                break;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    // Event { wall_time: 1, step: 2, file_version: 3, summary: 5 { value: 1 { tag: 1, simple_value: 2 } } }
    private void WriteScalars(int step, IEnumerable<KeyValuePair<string, double>> values)
    {
        var summary = new Proto();
        foreach (var (tag, value) in values)
        {
            var entry = new Proto();
            entry.Text(1, tag);
            entry.Single(2, (float)value);
            summary.Nested(1, entry);
        }

        WriteRecord(record =>
        {
            record.Varint(2, (ulong)step);
            record.Nested(5, summary);
        });
    }

    private void WriteRecord(Action<Proto> fill)
    {
        var record = new Proto();
        record.Double(1, _clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        fill(record);
        var data = record.ToArray();
        var length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)data.Length);
        _file.Write(length);
        WriteCrc(length);
        _file.Write(data);
        WriteCrc(data);
    }

    private void WriteCrc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        // The mask keeps a checksum of data that holds checksums from being trivial.
        crc = ~crc;
        Span<byte> masked = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(masked, unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8));
        _file.Write(masked);
    }

    private sealed class Proto
    {
        private readonly List<byte> _bytes = [];

        public byte[] ToArray() => [.. _bytes];

        public void Varint(int field, ulong value)
        {
            Key(field, wire: 0);
            Raw(value);
        }

        public void Double(int field, double value)
        {
            Key(field, wire: 1);
            Span<byte> bytes = stackalloc byte[sizeof(double)];
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
            _bytes.AddRange(bytes);
        }

        public void Single(int field, float value)
        {
            Key(field, wire: 5);
            Span<byte> bytes = stackalloc byte[sizeof(float)];
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            _bytes.AddRange(bytes);
        }

        public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public void Nested(int field, Proto value) => Bytes(field, value.ToArray());

        private void Bytes(int field, byte[] value)
        {
            Key(field, wire: 2);
            Raw((ulong)value.Length);
            _bytes.AddRange(value);
        }

        private void Key(int field, int wire) => Raw((ulong)((field << 3) | wire));

        private void Raw(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                _bytes.Add((byte)(value | 0x80));
            }

            _bytes.Add((byte)value);
        }
    }
}
