using System.Text.Json;
using LowRank.Testing;
using LowRank.Transformers.Hub;

namespace LowRank.Transformers.Tests.Hub;

public sealed class HubOptionsTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public void FromVariables_Nothing_GivesTheDefaultsOfThePythonTools()
    {
        var options = HubOptions.FromVariables(name => name == "HF_HOME" ? _folder.Path : null);
        Assert.Equal("https://huggingface.co", options.Endpoint);
        Assert.Equal(_folder["hub"], options.CacheFolder);
        Assert.Null(options.Token);
        Assert.False(options.Offline);

        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal(
            Path.Combine(home, ".cache", "huggingface", "hub"), HubOptions.FromVariables(_ => null).CacheFolder);
        Assert.Equal(new HubOptions().CacheFolder, HubOptions.FromVariables(_ => null).CacheFolder);
        Assert.Equal(new HubOptions().CacheFolder, HubOptions.FromVariables(_ => "").CacheFolder);
    }

    [Theory]
    [InlineData("HF_HUB_CACHE=/c;HF_HOME=/h", "/c")]
    [InlineData("HUGGINGFACE_HUB_CACHE=/l;HF_HOME=/h", "/l")]
    [InlineData("XDG_CACHE_HOME=/x", "/x/huggingface/hub")]
    [InlineData("HF_HOME=/h;XDG_CACHE_HOME=/x", "/h/hub")]
    public void FromVariables_CacheFolder_FollowsThePrecedence(string variables, string folder) =>
        Assert.Equal(folder, From(variables).CacheFolder.Replace('\\', '/'));

    [Fact]
    public void FromVariables_Tilde_IsTheUsersFolder() =>
        Assert.Equal(
            Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + "/models",
            From("HF_HUB_CACHE=~/models").CacheFolder);

    [Fact]
    public void FromVariables_Token_ComesFromVariableOrFile()
    {
        File.WriteAllText(_folder["token"], "hf_file\n");
        Assert.Equal("hf_file", From($"HF_HOME={_folder.Path}").Token);
        Assert.Equal("hf_file", From($"HF_TOKEN_PATH={_folder["token"]}").Token);
        Assert.Equal("hf_env", From($"HF_HOME={_folder.Path};HF_TOKEN= hf_env ").Token);
        Assert.Equal("hf_old", From($"HF_HOME={_folder.Path};HUGGING_FACE_HUB_TOKEN=hf_old").Token);
        Assert.Null(From($"HF_HOME={_folder.Path};HF_HUB_DISABLE_IMPLICIT_TOKEN=1").Token);
    }

    [Theory]
    [InlineData("HF_HUB_OFFLINE=1", true)]
    [InlineData("HF_HUB_OFFLINE=yes", true)]
    [InlineData("TRANSFORMERS_OFFLINE=True", true)]
    [InlineData("HF_HUB_OFFLINE=0", false)]
    [InlineData("HF_HUB_OFFLINE=no", false)]
    public void FromVariables_Offline_IsReadAsThePythonToolsReadIt(string variables, bool offline) =>
        Assert.Equal(offline, From(variables).Offline);

    [Fact]
    public void FromVariables_Endpoint_LosesItsSlash() =>
        Assert.Equal("https://mirror.example/hf", From("HF_ENDPOINT=https://mirror.example/hf/").Endpoint);

    [Fact]
    public void ToString_NeverShowsTheToken()
    {
        var options = new HubOptions { Token = "hf_secret" };
        Assert.DoesNotContain("hf_secret", options.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", JsonSerializer.Serialize(options), StringComparison.Ordinal);
        Assert.Contains("Token = (hidden)", options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_OddOptions_AreRefused()
    {
        Refused(new() { Endpoint = "huggingface.co" }, "got 'huggingface.co'; wanted an address such as");
        Refused(new() { Endpoint = "ftp://x" }, "wanted an address such as");
        Refused(new() { Token = "hf x" }, "got one with blanks");
        Refused(new() { Token = "" }, "got one with blanks");
        Refused(new() { Attempts = 0 }, "got 0; wanted at least 1");
        Refused(new() { StallTimeout = TimeSpan.Zero }, "StallTimeout");
        Refused(new() { CacheFolder = " " }, "CacheFolder");
        new ModelHub(new()).Dispose();
    }

    public void Dispose() => _folder.Dispose();

    private HubOptions From(string variables)
    {
        var map = variables.Split(';').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return HubOptions.FromVariables(
            name => map.GetValueOrDefault(name) ?? (name == "HF_HOME" && !map.ContainsKey("XDG_CACHE_HOME") ? _folder["none"] : null));
    }

    private static void Refused(HubOptions options, string message)
    {
        var e = Assert.ThrowsAny<ArgumentException>(() => new ModelHub(options));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf x", e.Message, StringComparison.Ordinal);
    }
}
