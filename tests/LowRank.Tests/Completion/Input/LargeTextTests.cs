using System.Text;
using LowRank.Completion.Input;

namespace LowRank.Tests.Completion.Input;

/// <summary>Texts of several blocks: what comes out must not depend on the number of threads.</summary>
public sealed class LargeTextTests
{
    private const int Lines = 250_000;

    private static readonly byte[] Numbers = Encoding.UTF8.GetBytes(Text(i => $"{(i * 7919L) % 5003}"));
    private static readonly byte[] Names = Encoding.UTF8.GetBytes(Text(i => (i % 3) switch
    {
        0 => $"\"name {(i * 7919L) % 5003}\"",
        1 => $"{(i * 7919L) % 5003}",
        _ => $"a rather long name, number {(i * 7919L) % 5003}".Replace(',', '-'),
    }));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Read_AnyNumberOfThreads_GivesTheSame(int threads)
    {
        foreach (var bytes in new[] { Numbers, Names })
        {
            var expected = Direct(bytes);

            var data = Reading.Bytes(bytes, new RatingsOptions { Threads = threads });

            Assert.Equal(expected.Rows, data.Observed.Rows.ToArray());
            Assert.Equal(expected.Columns, data.Observed.Columns.ToArray());
            Assert.Equal(expected.Values, data.Observed.Values.ToArray());
            Assert.Equal(expected.RowIds, data.Observed.RowIds!.Ids);
            Assert.Equal(expected.ColumnIds, data.Observed.ColumnIds!.Ids);
            Assert.Equal(Lines + 1, data.Report.Lines);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Read_SeveralBadLines_NamesTheFirst(int threads)
    {
        var text = Encoding.UTF8.GetString(Numbers).Split('\n');
        text[100_000] = "1,1";
        text[100_001] = "1,1,x";
        text[200_000] = "1";
        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', text));

        for (var trial = 0; trial < 5; trial++)
        {
            Assert.StartsWith(
                "f.csv, line 100001: got 2 fields in '1,1';",
                Reading.Fault(bytes, new RatingsOptions { Threads = threads }),
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Read_DuplicateBehindBlankAndBadLines_NamesTheRightLines(int threads)
    {
        var text = Encoding.UTF8.GetString(Numbers).Split('\n');
        text[1_000] = string.Empty;
        text[90_000] = "bad";
        text[150_000] = " ";
        text[150_001] = "new,new,1";
        text[220_000] = "new,new,2";
        var bytes = Encoding.UTF8.GetBytes(string.Join('\n', text));

        Assert.StartsWith(
            "f.csv, line 220001, fields user and item: got a second value for 'new' and 'new', which line 150002 has given;",
            Reading.Fault(bytes, new RatingsOptions { Threads = threads, BadLines = BadLinePolicy.LeaveOut }),
            StringComparison.Ordinal);
    }

    // Each (row, column) of these lines is its own: 5003 is prime, and columns count its rounds.
    private static string Text(Func<int, string> id)
    {
        var text = new StringBuilder("user,item,rating\n");
        for (var i = 0; i < Lines; i++)
        {
            text.Append(FormattableString.Invariant($"{id(i)},{i / 1000},{i % 1000 / 8.0}\n"));
        }

        return text.ToString();
    }

    // The same, in the plainest way.
    private static (int[] Rows, int[] Columns, double[] Values, List<string> RowIds, List<string> ColumnIds) Direct(byte[] bytes)
    {
        var lines = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(l => l.Split(',')).ToArray();
        var (rowIds, rows) = Number(lines, 0);
        var (columnIds, columns) = Number(lines, 1);
        var values = lines.Select(l => double.Parse(l[2], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        return (rows, columns, values, rowIds, columnIds);
    }

    private static (List<string> Ids, int[] Indices) Number(string[][] lines, int field)
    {
        var ids = new List<string>();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var indices = new int[lines.Length];
        for (var i = 0; i < lines.Length; i++)
        {
            var id = lines[i][field].Trim('"');
            if (!known.TryGetValue(id, out indices[i]))
            {
                known[id] = indices[i] = ids.Count;
                ids.Add(id);
            }
        }

        return (ids, indices);
    }
}
