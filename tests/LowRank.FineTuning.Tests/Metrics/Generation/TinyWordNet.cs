using LowRank.FineTuning.Metrics.Generation;
using LowRank.Testing;

namespace LowRank.FineTuning.Tests.Metrics.Generation;

/// <summary>A WordNet of a dozen words, in the format of the real one.</summary>
internal static class TinyWordNet
{
    private const string Licence = "  1 This stands before the data of every file.  \n";

    private static readonly Dictionary<string, string> Files = new()
    {
        ["data.noun"] = "00000046 06 n 02 car 0 automobile 0 001 @ 00000099 n 0000 | a motor vehicle; \"he needs a car\"\n"
            + "00000146 18 n 03 man 0 adult_male 0 Adam 1 000 | an adult person who is male\n",
        ["index.noun"] = "adult_male n 1 0 1 0 00000146\nautomobile n 1 1 @ 1 0 00000046\ncar n 1 1 @ 1 1 00000046\n"
            + "man n 1 0 1 1 00000146\n",
        ["noun.exc"] = "menfolk man\n",
        ["data.verb"] = "00000046 30 v 03 begin 0 start 0 get_down 0 000 01 + 01 00 | take the first step\n"
            + "00000120 38 v 0A go 0 move 0 a 0 b 0 c 0 d 0 e 0 f 0 g 0 travel 0 000 | change place\n",
        ["index.verb"] = "begin v 1 0 1 1 00000046\ngo v 1 0 1 1 00000120\nstart v 2 0 2 1 00000046 00000120\n",
        ["verb.exc"] = "went go\n",
        ["data.adj"] = "00000046 00 s 02 quick 1 fast(p) 2 000 | moving with speed\n",
        ["index.adj"] = "fast a 1 0 1 1 00000046\nquick a 1 0 1 1 00000046\n",
        ["adj.exc"] = "",
        ["data.adv"] = "00000046 02 r 02 quickly 0 rapidly 0 000 | with speed\n",
        ["index.adv"] = "quickly r 1 0 1 1 00000046\nrapidly r 1 0 1 1 00000046\n",
        ["adv.exc"] = "",
    };

    /// <summary>Writes the files.</summary>
    /// <returns>Their folder.</returns>
    public static string Write(ScratchFolder scratch)
    {
        var folder = Directory.CreateDirectory(scratch["dict"]).FullName;
        foreach (var (name, text) in Files)
        {
            File.WriteAllText(Path.Combine(folder, name), name.EndsWith(".exc", StringComparison.Ordinal) ? text : Licence + text);
        }

        return folder;
    }

    /// <summary>Writes the files and reads them.</summary>
    public static WordNet Open(ScratchFolder scratch) => WordNet.Open(Write(scratch));
}
