using System.Globalization;
using System.Text.Json;

namespace LowRank.FineTuning.Data;

/// <summary>The rows of a JSON file: objects, one per line, in a list, or under any keys of one object.</summary>
internal sealed class JsonRows : RowSource
{
    private readonly string _source;
    private readonly TextReader _text;
    private bool _isLines;
    private readonly List<string> _columns = [];
    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);

    /// <summary>Nothing is read yet.</summary>
    public JsonRows(TextReader text, string source, DataFormat format)
    {
        _text = text;
        _source = source;
        _isLines = format == DataFormat.JsonLines;
    }

    public override string Unit => _isLines ? "line" : "row";

    public override IReadOnlyList<string> Columns => _columns;

    public override ClassLabels? LabelsOf(string column) => null;

    public override IEnumerable<Row> ReadRows()
    {
        if (_isLines)
        {
            return ReadLines(TextFiles.ReadLines(_text, _source));
        }

        var text = TextFiles.ReadAll(_text, _source);
        _isLines = IsLines(text);
        return _isLines ? ReadLines(text.Split('\n')) : ReadDocument(text);
    }

    public override void Dispose() => _text.Dispose();

    private IEnumerable<Row> ReadLines(IEnumerable<string> lines)
    {
        var number = 0L;
        foreach (var line in lines)
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                using var document = Parse(line, number);
                yield return RowOf(document.RootElement, number, $"line {number}");
            }
        }
    }

    // Many ".json" files hold lines: the first of them is an object by itself, and something follows it.
    private static bool IsLines(string text)
    {
        var start = text.AsSpan().TrimStart();
        var end = start.IndexOf('\n');
        if (end < 0 || start[0] != '{' || start[(end + 1)..].IsWhiteSpace())
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(start[..end].ToString());
            return true;
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException)
        {
            return false;
        }
    }

    private IEnumerable<Row> ReadDocument(string text)
    {
        using var document = Parse(text, 1);
        var root = document.RootElement;
        var items = root.ValueKind switch
        {
            JsonValueKind.Array => root.EnumerateArray().ToList(),
            JsonValueKind.Object => root.EnumerateObject().Select(property => property.Value).ToList(),
            _ => throw new InvalidDataException($"{_source}: {Shown(root)}; wanted a list of objects."),
        };
        if (root.ValueKind == JsonValueKind.Object && items.TrueForAll(item => item.ValueKind != JsonValueKind.Object))
        {
            items = items.Exists(item => item.ValueKind == JsonValueKind.Array)
                ? throw new InvalidDataException(
                    $"{_source}: an object of lists; wanted a list of objects, or an object per line.")
                : [root];
        }

        for (var i = 0; i < items.Count; i++)
        {
            yield return RowOf(items[i], i + 1, $"row {i + 1}");
        }
    }

    private JsonDocument Parse(string text, long line)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException fault)
        {
            var at = string.Create(CultureInfo.InvariantCulture, $"line {line + (fault.LineNumber ?? 0)}");
            throw new InvalidDataException($"{_source}, {at}: not JSON: {fault.Message}", fault);
        }
        catch (ArgumentException fault)
        {
            // Half a character: a file cannot hold it, but a text at hand can.
            throw new InvalidDataException($"{_source}, line {line}: holds a text that is not Unicode.", fault);
        }
    }

    private Row RowOf(JsonElement item, long line, string where)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"{_source}, {where}: {Shown(item)}; wanted an object of columns.");
        }

        var cells = new string?[_columns.Count];
        foreach (var property in item.EnumerateObject())
        {
            var (name, cell) = Read(property, where);
            if (!_indices.TryGetValue(name, out var index))
            {
                _indices.Add(name, index = _columns.Count);
                _columns.Add(name);
            }

            if (index >= cells.Length)
            {
                Array.Resize(ref cells, index + 1);
            }

            cells[index] = cell;
        }

        return new(line, cells);
    }

    private (string Name, string? Cell) Read(JsonProperty property, string where)
    {
        try
        {
            return (property.Name, property.Value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => property.Value.GetString(),
                JsonValueKind.Object or JsonValueKind.Array => Row.Nested,
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                _ => property.Value.GetRawText(),
            });
        }
        catch (InvalidOperationException fault)
        {
            // The JSON reader's answer to half a character in an escaped text.
            throw new InvalidDataException($"{_source}, {where}: holds a text that is not Unicode.", fault);
        }
    }

    private static string Shown(JsonElement element)
    {
        var text = element.GetRawText();
        return text.Length > 40 ? text[..40] + "..." : text;
    }
}
