using System.Text.RegularExpressions;
using LowRank.Testing;

namespace LowRank.Acceptance;

/// <summary>What the README shows is what runs here.</summary>
public sealed partial class ReadmeTests
{
    private const int LongestReadme = 150;
    private const int LongestExample = 12;

    [Fact]
    public void CommandLineExample_Runs()
    {
        using var scratch = new ScratchFolder();
        var lines = Snippet("readme-cli");
        Assert.InRange(lines.Length, 1, LongestExample);
        foreach (var line in lines)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal("lowrank", words[0]);
            CliProcess.In(scratch.Path, "", words[1..]).Succeeds();
        }
    }

    [Fact]
    public void CSharpExample_IsTheCodeThatReadmeExampleRuns()
    {
        var code = Repository.Read("tests/LowRank.Acceptance/ReadmeExample.cs");
        var region = code[(code.IndexOf("// readme-begin\n", StringComparison.Ordinal) + 16)..code.IndexOf("        // readme-end", StringComparison.Ordinal)];
        var body = region.Split('\n').Select(line => line.TrimStart()).Where(line => line.Length > 0);
        var usings = code.Split('\n').Where(line => line.StartsWith("using LowRank.", StringComparison.Ordinal)).Select(line => line.TrimEnd());
        var snippet = Snippet("readme-csharp");
        Assert.InRange(snippet.Length, 1, LongestExample);
        Assert.Equal(usings.Concat(body), snippet.Where(line => line.Length > 0));
    }

    [Fact]
    public void CSharpExample_Runs()
    {
        using var scratch = new ScratchFolder();
        CliProcess.In(scratch.Path, "", "sample").Succeeds();
        using var output = new StringWriter();
        ReadmeExample.Run(scratch.Path, output);
        Assert.Matches(@"^RMSE 0\.[0-9]{3} on 2000 ratings\nuser-7 would give film-3 [0-9.]+\n$", output.ToString().ReplaceLineEndings("\n"));
        Assert.True(File.Exists(scratch[Path.Combine("ratings-model", "model.json")]));
    }

    [Theory]
    [InlineData("movielens-holdout.txt", "0.8271")]
    [InlineData("movielens-holdout.txt", "0.6317")]
    [InlineData("movielens-folds.txt", "0.8374")]
    [InlineData("scale.txt", "13.92")]
    [InlineData("scale.txt", "0.74")]
    [InlineData("scale.txt", "0.0495")]
    [InlineData("completion.txt", "218")]
    [InlineData("completion.txt", "15.42")]
    [InlineData("completion.txt", "43.62")]
    [InlineData("completion.txt", "0.24")]
    [InlineData("step.txt", "11.64")]
    [InlineData("step.txt", "5.85")]
    [InlineData("t5-step.txt", "5.64")]
    [InlineData("t5-step.txt", "5.82")]
    public void Results_QuotedInTheReadme_AreThoseOfTheFiles(string file, string number)
    {
        Assert.Contains(number, Repository.Read("README.md"), StringComparison.Ordinal);
        Assert.Contains(number, Repository.Read($"results/{file}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Results_InTheReadme_AreAllChecked()
    {
        var table = Repository.Read("README.md").Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(2);
        var quoted = table.SelectMany(line => Decimals().Matches(line.Split('|')[2])).Select(match => match.Value);
        var method = typeof(ReadmeTests).GetMethod(nameof(Results_QuotedInTheReadme_AreThoseOfTheFiles))!;
        var known = method.GetCustomAttributes(typeof(InlineDataAttribute), false).Cast<InlineDataAttribute>().Select(data => data.Data[1]);
        Assert.Empty(quoted.Except(known.Cast<string>()));
    }

    [Fact]
    public void Readme_IsShortAndItsLinksLead()
    {
        var text = Repository.Read("README.md");
        Assert.InRange(text.Split('\n').Length, 1, LongestReadme);
        Assert.All(
            Links().Matches(text).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal)),
            link => Assert.True(File.Exists(Path.Combine(Repository.Root, link)), link));
    }

    private static string[] Snippet(string name)
    {
        var text = Repository.Read("README.md");
        var match = Regex.Match(text, $"<!-- {name} -->\n```[a-z]+\n(.*?)\n```", RegexOptions.Singleline);
        Assert.True(match.Success, name);
        return match.Groups[1].Value.Split('\n');
    }

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex Decimals();

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Links();
}
