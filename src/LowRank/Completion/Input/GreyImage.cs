namespace LowRank.Completion.Input;

/// <summary>A grey image as it was read.</summary>
/// <param name="Width">Number of columns.</param>
/// <param name="Height">Number of rows.</param>
/// <param name="Pixels">Grey values row by row, 0 to the file's maximum.</param>
internal sealed record GreyImage(int Width, int Height, ushort[] Pixels)
{
    /// <summary>Reads an image file, PGM or PNG by its first bytes.</summary>
    /// <exception cref="InvalidDataException">The file is neither, or damaged.</exception>
    public static GreyImage Read(string path)
    {
        using var source = InputSource.Open(path);
        return FormatSniffer.Find(source, RatingsFormat.Auto) switch
        {
            RatingsFormat.Pgm => PgmReader.Read(source),
            RatingsFormat.Png => PngReader.Read(source),
            _ => throw InputFault.Of(path, "no image", "a grey PGM or PNG image", "convert the mask"),
        };
    }

    /// <summary>All pixels as entries.</summary>
    public ObservedMatrix ToMatrix(string file, RatingsOptions options)
    {
        var entries = new EntryList(file, options);
        for (var k = 0; k < Pixels.Length; k++)
        {
            entries.Add(k / Width, k % Width, Pixels[k]);
        }

        return entries.ToMatrix(Height, Width);
    }
}
