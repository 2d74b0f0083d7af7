namespace LowRank.Completion.Input;

/// <summary>A worker's piece of a text file: whole lines only, the last one closed by a line feed.</summary>
internal sealed class TextBlock
{
    /// <summary>Bytes of a full block; a line must fit into one.</summary>
    public const int Size = 1 << 20;

    /// <summary>The text, with room behind it so that a parser may look one byte ahead.</summary>
    public byte[] Bytes { get; } = new byte[Size + 8];

    /// <summary>Number of bytes in use.</summary>
    public int Length { get; set; }

    /// <summary>The block's place in the file, from 0.</summary>
    public int Sequence { get; set; }

    /// <summary>Number of its first line, from 1.</summary>
    public long FirstLine { get; set; }

    /// <summary>Number of its lines.</summary>
    public int Lines { get; set; }
}
