using System.Globalization;
using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace LowRank.FineTuning.Data;

/// <summary>The rows of a Parquet file, of its columns that hold one plain value per row.</summary>
internal sealed class ParquetRows : RowSource
{
    // No text data set packs more rows into a byte; a file that claims so is damaged.
    private const long MostRowsPerByte = 4096;

    private readonly string _source;
    private readonly long _length;
    private readonly ParquetReader _reader;
    private readonly List<DataField> _fields;

    /// <summary>Reads the file's description.</summary>
    /// <exception cref="InvalidDataException">The file is not Parquet.</exception>
    public ParquetRows(string path)
    {
        _source = path;
        _length = new FileInfo(path).Length;
        _reader = Guard(() => OpenAsync(path));
        _fields = [.. Guard(() => Task.FromResult(_reader.Schema.GetDataFields()))
            .Where(field => !field.IsArray && field.MaxRepetitionLevel == 0 && field.Path.Length == 1)];
        Columns = [.. _fields.Select(field => field.Name)];
    }

    public override string Unit => "row";

    public override IReadOnlyList<string> Columns { get; }

    /// <summary>The class names that Hugging Face's <c>datasets</c> stores in the file.</summary>
    public override ClassLabels? LabelsOf(string column)
    {
        if (!_reader.CustomMetadata.TryGetValue("huggingface", out var json))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            var names = document.RootElement.GetProperty("info").GetProperty("features").GetProperty(column)
                .GetProperty("names").EnumerateArray().Select(name => name.GetString() ?? "");
            return new ClassLabels(names);
        }
        catch (Exception fault) when (fault is
            JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            return null; // The column has no class names; the file may be from elsewhere.
        }
    }

    public override IEnumerable<Row> ReadRows()
    {
        var number = 0L;
        for (var index = 0; index < _reader.RowGroupCount; index++)
        {
            var at = index;
            var columns = Guard(() => ReadGroupAsync(at));
            var rows = columns.Length == 0 ? 0 : columns[0].Length;
            for (var row = 0; row < rows; row++)
            {
                yield return new(++number, [.. columns.Select(column => column[row])]);
            }
        }
    }

    public override void Dispose() => Guard(async () =>
    {
        await _reader.DisposeAsync().ConfigureAwait(false);
        return true;
    });

    private static async Task<ParquetReader> OpenAsync(string path)
    {
        var file = new EndCheckedStream(File.OpenRead(path));
        try
        {
            ParquetFooter.Check(file);
            return await ParquetReader.CreateAsync(file, leaveStreamOpen: false).ConfigureAwait(false);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<string?[][]> ReadGroupAsync(int index)
    {
        using var group = _reader.OpenRowGroupReader(index);
        if (group.RowCount < 0 || group.RowCount > Math.Min(_length * MostRowsPerByte, Array.MaxLength))
        {
            throw new InvalidDataException(
                $"Row group {index} claims {group.RowCount} rows in a file of {_length} bytes.");
        }

        var columns = new string?[_fields.Count][];
        for (var column = 0; column < columns.Length; column++)
        {
            columns[column] = await ReadColumnAsync(group, _fields[column], (int)group.RowCount).ConfigureAwait(false);
        }

        return columns;
    }

    private static async Task<string?[]> ReadColumnAsync(ParquetRowGroupReader group, DataField field, int rows)
    {
        if (field.ClrType == typeof(ReadOnlyMemory<char>) || field.ClrType == typeof(string))
        {
            var texts = new string?[rows];
            await group.ReadAsync(field, texts.AsMemory()!).ConfigureAwait(false);
            return texts;
        }

        return await (Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Boolean => NumbersAsync<bool>(group, field, rows, value => value ? "true" : "false"),
            TypeCode.SByte => NumbersAsync<sbyte>(group, field, rows, Whole),
            TypeCode.Byte => NumbersAsync<byte>(group, field, rows, Whole),
            TypeCode.Int16 => NumbersAsync<short>(group, field, rows, Whole),
            TypeCode.UInt16 => NumbersAsync<ushort>(group, field, rows, Whole),
            TypeCode.Int32 => NumbersAsync<int>(group, field, rows, Whole),
            TypeCode.UInt32 => NumbersAsync<uint>(group, field, rows, Whole),
            TypeCode.Int64 => NumbersAsync<long>(group, field, rows, Whole),
            TypeCode.UInt64 => NumbersAsync<ulong>(group, field, rows, Whole),
            TypeCode.Single => NumbersAsync<float>(group, field, rows, value => Fraction(value)),
            TypeCode.Double => NumbersAsync<double>(group, field, rows, Fraction),
            TypeCode.Decimal => NumbersAsync<decimal>(group, field, rows, value => Fraction((double)value)),
            _ => Task.FromResult(Enumerable.Repeat<string?>(Row.Nested, rows).ToArray()),
        }).ConfigureAwait(false);
    }

    private static async Task<string?[]> NumbersAsync<T>(
        ParquetRowGroupReader group, DataField field, int rows, Func<T, string> write)
        where T : struct
    {
        if (field.IsNullable)
        {
            var optional = new T?[rows];
            await group.ReadAsync<T>(field, optional.AsMemory()).ConfigureAwait(false);
            return [.. optional.Select(value => value is { } known ? write(known) : null)];
        }

        var values = new T[rows];
        await group.ReadAsync<T>(field, values.AsMemory()).ConfigureAwait(false);
        return [.. values.Select(write)];
    }

    private static string Whole<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    // A column of fractions stays one where its values happen to be whole.
    private static string Fraction(double value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return double.IsInteger(value) && !text.Contains('E', StringComparison.Ordinal) ? text + ".0" : text;
    }

    // The library answers damaged files with exceptions of many kinds; its tasks must not resume on a caller's context.
    private T Guard<T>(Func<Task<T>> read)
    {
        try
        {
            return Task.Run(read).GetAwaiter().GetResult();
        }
        catch (Exception fault) when (fault is not (FileNotFoundException or DirectoryNotFoundException
            or UnauthorizedAccessException))
        {
            throw new InvalidDataException(
                $"{_source}: not a readable Parquet file: {fault.Message} Wanted one as written by pandas, Spark or "
                + "Hugging Face datasets.",
                fault);
        }
    }
}
