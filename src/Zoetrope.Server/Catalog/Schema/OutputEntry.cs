using Zoetrope.Server.Catalog.Models;

namespace Zoetrope.Server.Catalog.Schema;

[Field("How size, length, format and sound of the result follow from the parameters and inputs.")]
internal sealed record OutputEntry
{
    [Field(
        "What is made. An edit has its clip's ratio and length, an upscale its input's sides times the factor.",
        "image", "video", "edit", "upscale",
        Required = true)]
    public string Kind { get; set; } = "";

    [Field("The file format: mp4 for a video; png, jpeg or webp for an image.", "mp4", "png", "jpeg", "webp", Required = true)]
    public string Format { get; set; } = "";

    [Field("The parameter that chooses the format.")]
    public string? FormatFrom { get; set; }

    [Field("Pixels if no parameter chooses the size: the short side of a video, the side of a square image.", Min = 16, Max = 8192)]
    public int Size { get; set; }

    [Field("The parameter that chooses the size. Needs sizes.")]
    public string? SizeFrom { get; set; }

    [Field("The size in pixels for each value of sizeFrom.", Min = 16, Max = 8192)]
    public OrderedDictionary<string, int>? Sizes { get; set; }

    [Field("The ratio if no parameter chooses it, such as 16:9; auto follows the first input.")]
    public string? Aspect { get; set; }

    [Field("The parameter that chooses the ratio.")]
    public string? AspectFrom { get; set; }

    [Field("The tallest ratio that an input can bring, such as 9:21.")]
    public string? Tallest { get; set; }

    [Field("The widest ratio that an input can bring, such as 21:9.")]
    public string? Widest { get; set; }

    [Field("Both sides of an image are multiples of this many pixels.", Min = 1, Max = 64)]
    public int MultipleOf { get; set; } = 1;

    [Field("The most pixels of an image.", Min = 1, Max = 1_000_000_000)]
    public long MaxPixels { get; set; } = long.MaxValue;

    [Field("The longest side of an image in pixels.", Min = 16, Max = 100_000)]
    public int MaxSide { get; set; } = int.MaxValue;

    [Field("Frames for each second. Required for a video.", Min = 1, Max = 120)]
    public int Fps { get; set; }

    [Field("The length in seconds if no parameter chooses it.", Min = 1, Max = PriceRule.MaxSeconds)]
    public int Seconds { get; set; }

    [Field("The integer parameter that chooses the length.")]
    public string? SecondsFrom { get; set; }

    [Field("Whether the result has a sound track if no parameter decides; false by default.")]
    public OutputAudio Audio { get; set; }

    [Field("The boolean parameter that asks for a sound track.")]
    public string? AudioFrom { get; set; }

    [Field("The parameter that chooses the factor of an upscaler. Needs factors.")]
    public string? FactorFrom { get; set; }

    [Field("The factor for each value of factorFrom.", Min = 1, Max = 8)]
    public OrderedDictionary<string, int>? Factors { get; set; }
}
