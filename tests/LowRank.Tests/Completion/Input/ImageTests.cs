using LowRank.Completion.Input;
using LowRank.Testing;

namespace LowRank.Tests.Completion.Input;

public sealed class ImageTests
{
    private static readonly string[] Pixels = ["0 0 0", "0 1 10", "0 2 200", "1 0 1", "1 1 2", "1 2 255"];

    [Theory]
    [InlineData("P2\n3 2\n255\n0 10 200\n1 2 255\n")]
    [InlineData("P2 # a comment\n# another\n3\t2 255 0 10\n\n200 1 2 255")]
    public void Read_TextPgm_GivesThePixels(string text)
    {
        var data = Reading.Text(text);

        Assert.Equal(Pixels, Reading.Entries(data.Observed));
        Assert.Equal((RatingsFormat.Pgm, 2, 3), (data.Report.Format, data.Observed.RowCount, data.Observed.ColumnCount));
    }

    [Fact]
    public void Read_BinaryPgm_GivesThePixels()
    {
        Assert.Equal(Pixels, Reading.Entries(Reading.Bytes([.. "P5\n3 2\n255\n"u8, 0, 10, 200, 1, 2, 255]).Observed));
        Assert.Equal(["0 0 258", "0 1 65535"], Reading.Entries(Reading.Bytes([.. "P5 2 1 65535\n"u8, 1, 2, 255, 255]).Observed));
    }

    [Fact]
    public void Read_TextThatStartsLikeAnImage_IsText() =>
        Assert.Equal(["P5 7 3.5", "P2 1 2"], Reading.Entries(Reading.Text("P5 7 3.5\nP2 1 2\n").Observed));

    [Theory]
    [InlineData("P5\n3 2\n255\nabc", "f.csv: got 3 bytes of pixels; wanted 6 pixels (3 x 2); save the image again.")]
    [InlineData("P2\n2 1\n255\n1 oops", "f.csv: got 1 pixels and then 'oops'; wanted 2 whole numbers; save the image again.")]
    [InlineData("P2\n2 1\n9\n1 10", "f.csv, row 1, column 2: got 10; wanted 0 to 9; save the image again.")]
    [InlineData("P5\n60000 30000\n255\n", "f.csv: got 0 bytes of pixels; wanted 1800000000 pixels (60000 x 30000); save the image again.")]
    public void Read_BadPgm_SaysWhy(string text, string message) => Assert.Equal(message, Reading.Fault(text));

    [Fact]
    public void Read_NoPgm_SaysWhatIsWanted() => Assert.Equal(
        "f.csv: got '1,2,3?'; wanted a PGM image: P2 or P5, width, height, maximum of 1 to 65535, pixels; save the image again.",
        Reading.Fault("1,2,3\n", new RatingsOptions { Format = RatingsFormat.Pgm }));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Read_PngOfAnyFilter_GivesThePixels(int filter)
    {
        var png = TinyPng.Write(3, 2, 8, 0, [[0, 10, 200], [1, 2, 255]], filter);

        var data = Reading.Bytes(png);

        Assert.Equal(Pixels, Reading.Entries(data.Observed));
        Assert.Equal(RatingsFormat.Png, data.Report.Format);
    }

    [Fact]
    public void Read_PngOfAnyDepthAndKind_GivesThePixels()
    {
        Assert.Equal(["0 0 1", "0 1 0", "0 2 1"], Reading.Entries(Reading.Bytes(TinyPng.Write(3, 1, 1, 0, [[0b1010_0000]])).Observed));
        Assert.Equal(["0 0 9", "0 1 6", "0 2 15"], Reading.Entries(Reading.Bytes(TinyPng.Write(3, 1, 4, 0, [[0x96, 0xF0]])).Observed));
        Assert.Equal(["0 0 258", "0 1 65535"], Reading.Entries(Reading.Bytes(TinyPng.Write(2, 1, 16, 0, [[1, 2, 255, 255]], 1)).Observed));
        Assert.Equal(["0 0 7", "0 1 9"], Reading.Entries(Reading.Bytes(TinyPng.Write(2, 1, 8, 2, [[7, 7, 7, 9, 9, 9]], 4)).Observed));
        Assert.Equal(["0 0 7"], Reading.Entries(Reading.Bytes(TinyPng.Write(1, 1, 8, 6, [[7, 7, 7, 255]])).Observed));
        Assert.Equal(["0 0 7", "0 1 0"], Reading.Entries(Reading.Bytes(TinyPng.Write(2, 1, 8, 3, [[1, 0]], 0, [0, 0, 0, 7, 7, 7])).Observed));
    }

    [Fact]
    public void Read_ColouredOrTransparentPng_IsRefused()
    {
        Assert.Equal(
            "f.csv, row 1, column 2: got a coloured pixel; wanted an opaque grey one; save the image as grey, and a mask as its own image.",
            Reading.Fault(TinyPng.Write(2, 1, 8, 2, [[7, 7, 7, 9, 9, 8]])));
        Assert.Equal(
            "f.csv, row 1, column 1: got a transparent pixel; wanted an opaque grey one; save the image as grey, and a mask as its own image.",
            Reading.Fault(TinyPng.Write(1, 1, 8, 4, [[7, 128]])));
    }

    [Fact]
    public void Read_DamagedPng_IsRefusedWhereverItBreaksOff()
    {
        var png = TinyPng.Write(3, 2, 8, 0, [[0, 10, 200], [1, 2, 255]]);

        for (var length = 8; length < png.Length; length++)
        {
            Assert.EndsWith("; wanted a whole grey PNG image; save the image again.", Reading.Fault(png[..length]), StringComparison.Ordinal);
        }

        Assert.Contains("far too large", Reading.Fault(TinyPng.Write(2_000_000_000, 1, 8, 0, [[1]])), StringComparison.Ordinal);
        Assert.Contains("do not fill 1000000 x 2000 pixels", Reading.Fault(TinyPng.Write(1_000_000, 2_000, 8, 0, [[1]])), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_PngThatNeedsADictionary_IsRefused()
    {
        var png = TinyPng.Write(1, 1, 8, 0, [[7]]);
        var data = png.AsSpan().IndexOf("IDAT"u8) + 4;

        // Window of 32 KB, preset dictionary; zlib has an error of its own for it.
        png[data] = 0x78;
        png[data + 1] = 0x20;

        Assert.Contains("image data that are damaged", Reading.Fault(png), StringComparison.Ordinal);
    }

    [Fact]
    public void Mask_BlackPixels_AreMissing()
    {
        using var folder = new ScratchFolder();
        File.WriteAllText(folder["mask.pgm"], "P2 3 2 1 1 0 1 0 0 1");

        var data = Reading.Text("P2 3 2 255 0 10 200 1 2 255", new RatingsOptions { MaskPath = folder["mask.pgm"] });

        Assert.Equal(["0 0 0", "0 2 200", "1 2 255"], Reading.Entries(data.Observed));
    }

    [Fact]
    public void Mask_OfAnotherSizeOrAllBlackOrNoImage_IsRefused()
    {
        using var folder = new ScratchFolder();
        var mask = folder["mask.pgm"];
        var options = new RatingsOptions { MaskPath = mask };

        File.WriteAllText(mask, "P2 1 1 1 1 ");
        Assert.Equal($"{mask}: got a mask of 1 x 1 pixels; wanted 2 x 1, the size of f.csv; resize the mask.", Reading.Fault("P2 2 1 9 1 2 ", options));
        File.WriteAllText(mask, "P2 2 1 1 0 0 ");
        Assert.Equal($"{mask}: got a mask that hides every value; wanted some pixels that are not 0; invert the mask.", Reading.Fault("P2 2 1 9 1 2 ", options));
        File.WriteAllText(mask, "1,2,3\n");
        Assert.Equal($"{mask}: got no image; wanted a grey PGM or PNG image; convert the mask.", Reading.Fault("P2 2 1 9 1 2 ", options));
    }

    [Fact]
    public void Hide_TakesPixelsAside()
    {
        var image = "P2 10 10 99 " + string.Join(' ', Enumerable.Range(0, 100));

        var data = Reading.Text(image, new RatingsOptions { Hide = 0.3 });

        Assert.Equal((70, 30, 30), (data.Observed.Count, data.Hidden!.Count, data.Report.Hidden));
        Assert.All(Reading.Entries(data.Hidden), e => Assert.DoesNotContain(e, Reading.Entries(data.Observed)));
    }
}
