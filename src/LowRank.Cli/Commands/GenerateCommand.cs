using System.CommandLine;
using System.Runtime.CompilerServices;
using LowRank.Cli.Terminal;
using LowRank.FineTuning.Runs;
using LowRank.Transformers.Generation;
using TorchSharp;

namespace LowRank.Cli.Commands;

/// <summary><c>lowrank generate</c>: what an encoder-decoder writes for texts.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("model") { Description = "A run's folder of a T5; or the folder or Hub id of a T5, Flan-T5 or mT5." };
        var text = new Option<string?>("--text") { Description = "One source text.", HelpName = "TEXT" };
        var input = new Option<string?>("--input") { Description = "Source texts, one per line; '-' reads standard input.", HelpName = "FILE" };
        var prefix = new Option<string?>("--prefix") { Description = "Goes before each source, such as 'summarize: '. [default: the run's, else nothing]", HelpName = "TEXT" };
        var baseModel = new Option<string?>("--model") { Description = "A run's base model's folder, when it is no longer where the run found it.", HelpName = "DIR" };
        var revision = new Option<string?>("--revision") { Description = "The model's branch, tag or commit on the Hub.", HelpName = "REV" };
        var writing = new GenerationChoice();
        var (threads, device) = (CommonOptions.Threads(), new DeviceOption());
        var command = new Command("generate", "Write a text for each source text, a line each.") { model, text, input, prefix, baseModel };
        writing.AddTo(command);
        command.Add(revision);
        device.AddTo(command);
        command.Add(threads);
        command.With(
            "lowrank generate google/flan-t5-base --text \"Translate to German: Good morning.\"",
            "lowrank generate restaurants-run --input facts.txt --beams 4",
            "lowrank generate google-t5/t5-base --prefix \"summarize: \" --input articles.txt --beams 4",
            "tail -f questions.txt | lowrank generate google/flan-t5-base --input - --batch-size 1");
        command.SetAction(async (parsed, stop) =>
        {
            var (one, file) = (parsed.GetValue(text), parsed.GetValue(input));
            if (one is null == file is null)
            {
                throw new UsageException("Give one of '--text TEXT' and '--input FILE'.");
            }

            writing.RequireUsable(parsed);
            var place = device.Open(parsed);
            if (parsed.GetValue(threads) > 0)
            {
                torch.set_num_threads(parsed.GetValue(threads));
            }

            var sources = one is not null ? AsyncEnumerable.Repeat(one, 1) : ReadLines(file!, stop);
            var named = parsed.GetRequiredValue(model);
            var folder = RunFolder.IsRun(named) ? named
                : (await ModelPlace.LocateAsync(named, parsed.GetValue(revision), new Screen(), stop).ConfigureAwait(false)).Folder;
            using var generator = TextGenerator.Load(folder, parsed.GetValue(baseModel), device: place);
            generator.Options = generator.Options with { Prefix = parsed.GetValue(prefix) ?? generator.Options.Prefix };
            await WriteAsync(generator, sources, writing.Read(parsed, generator.Writing), stop).ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task WriteAsync(
        TextGenerator generator, IAsyncEnumerable<string> sources, GenerationOptions options, CancellationToken stop)
    {
        var output = new StreamWriter(Console.OpenStandardOutput()) { NewLine = "\n", AutoFlush = true };
        await using var closed = output.ConfigureAwait(false);
        await foreach (var text in generator.StreamAsync(sources, options, stop).ConfigureAwait(false))
        {
            await output.WriteLineAsync(text.ReplaceLineEndings(" ")).ConfigureAwait(false);
        }
    }

    private static async IAsyncEnumerable<string> ReadLines(string path, [EnumeratorCancellation] CancellationToken stop)
    {
        if (path != "-" && !File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such file; wanted one with a source text in each line.", path);
        }

        using var reader = path == "-" ? Console.In : File.OpenText(path);
        while (await reader.ReadLineAsync(stop).ConfigureAwait(false) is { } line)
        {
            yield return line;
        }
    }
}
