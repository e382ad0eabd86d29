using System.Text.Json.Serialization;

namespace Zoetrope.Workers;

/// <summary>One job of <c>Zoetrope.Media</c>: a stranger's picture to read, and where results go.</summary>
/// <param name="Path">The picture, for reading only.</param>
[JsonDerivedType(typeof(MeasurePicture), "measure")]
[JsonDerivedType(typeof(CheckPicture), "check")]
[JsonDerivedType(typeof(FitPicture), "fit")]
[JsonDerivedType(typeof(ShrinkPicture), "shrink")]
[JsonDerivedType(typeof(DrawPoster), "poster")]
internal abstract record PictureJob(string Path);

/// <summary>Reads from the picture's head what it is: its size as it is shown, transparency, further pictures.</summary>
internal sealed record MeasurePicture(string Path) : PictureJob(Path);

/// <summary>
/// Decodes the whole picture to see that it is one, and writes it in another format where one is asked for.
/// </summary>
/// <param name="Path">The picture.</param>
/// <param name="MaxPixels">More are refused before one is decoded.</param>
/// <param name="Changed">Where the picture in the other format goes.</param>
/// <param name="Format">png, jpeg or webp.</param>
internal sealed record CheckPicture(string Path, long MaxPixels, string? Changed = null, string? Format = null) : PictureJob(Path);

/// <summary>
/// Writes the picture as PNG where it has transparency, else as JPEG: upright, in sRGB, without metadata, no larger than asked.
/// </summary>
/// <param name="Path">The picture.</param>
/// <param name="MaxPixels">More are refused before one is decoded.</param>
/// <param name="To">Where it goes.</param>
/// <param name="MaxBytes">Largest file.</param>
/// <param name="MaxSide">Longest side.</param>
/// <param name="Jpeg">JPEG is read by who gets it.</param>
/// <param name="Png">PNG is.</param>
/// <param name="Upright">The pixels are upright already, whatever the metadata says.</param>
internal sealed record FitPicture(string Path, long MaxPixels, string To, long MaxBytes, int MaxSide, bool Jpeg, bool Png, bool Upright)
    : PictureJob(Path);

/// <summary>Writes a small JPEG.</summary>
internal sealed record ShrinkPicture(string Path, string To, int Side) : PictureJob(Path);

/// <summary>Writes a picture's poster, a JPEG: in sRGB, on white.</summary>
/// <param name="Path">The picture.</param>
/// <param name="MaxPixels">More are refused before one is decoded.</param>
/// <param name="To">Where it goes.</param>
/// <param name="Side">Its longest side.</param>
internal sealed record DrawPoster(string Path, long MaxPixels, string To, int Side) : PictureJob(Path);

/// <summary>What became of a job.</summary>
/// <param name="Fault">
/// What is wrong with the picture in our own words, as the rest of a sentence that begins with it; null where nothing is.
/// </param>
/// <param name="Width">Of the picture as it is shown, or of the one written.</param>
/// <param name="Height">The same.</param>
/// <param name="Pages">Pictures in the file.</param>
/// <param name="Primary">The index of the one that is shown.</param>
/// <param name="ContentType">The type written; null where it could not be made small enough.</param>
internal sealed record PictureAnswer(string? Fault, int Width = 0, int Height = 0, int Pages = 1, int Primary = 0,
    string? ContentType = null)
{
    /// <summary>It has an alpha channel.</summary>
    public bool HasAlpha { get; init; }

    /// <summary>Its metadata says to turn or mirror the stored pixels.</summary>
    public bool IsTurned { get; init; }

    /// <summary>Pixels of the pictures in the file that are not shown.</summary>
    public long HiddenPixels { get; init; }

    /// <summary>What the library said about the fault. For the log alone: it may hold paths and other people's names.</summary>
    public string? Detail { get; init; }
}

[JsonSerializable(typeof(PictureJob))]
[JsonSerializable(typeof(PictureAnswer))]
internal sealed partial class PictureJson : JsonSerializerContext;
