namespace LowRank.Cli.Demos;

/// <summary>A task of the sample world that a demo teaches.</summary>
internal sealed record DemoTask
{
    public required string Name { get; init; }

    public required string Heading { get; init; }

    public required string Explanation { get; init; }

    /// <summary>How many rows are learned from, in words.</summary>
    public required string Rows { get; init; }

    /// <summary>The same for <c>lowrank finetune</c>.</summary>
    public required string RowsOption { get; init; }

    /// <summary>A text to try, as <c>lowrank predict</c> takes it.</summary>
    public required string ExampleQuery { get; init; }

    public string Model { get; init; } = "mini-bert";

    public int? FewShot { get; init; }

    public int? Samples { get; init; }

    public static DemoTask Similarity { get; } = new()
    {
        Name = "similarity",
        Heading = "How alike two sentences are, from 64 pairs",
        Explanation = "The built-in BERT has read about a made-up town, but nobody told it what \"alike\" means. 64 labelled pairs do, "
            + "with a number from 0 to 5 each. Counting shared words reaches a correlation of about 0.4 on this task.",
        Rows = "64 pairs",
        RowsOption = "--samples 64",
        ExampleQuery = "--text \"It rained in the morning.\" --text-pair \"Rain fell before noon.\"",
        Samples = 64,
    };

    public static DemoTask Classify { get; } = new()
    {
        Name = "intent",
        Heading = "What a message wants, from 16 examples of each kind",
        Explanation = "Messages to the town's service desk want one of twelve things. 16 messages of each kind are all there is to learn from. "
            + "Always saying the most frequent kind is right once in twelve.",
        Rows = "16 messages of each of 12 kinds",
        RowsOption = "--few-shot 16",
        ExampleQuery = "--text \"Please book me a tennis court for Friday.\"",
        FewShot = 16,
    };
}
