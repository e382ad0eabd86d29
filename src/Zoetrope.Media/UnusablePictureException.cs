namespace Zoetrope.Media;

/// <summary>The picture is one that we do not read; the message is the rest of a sentence that begins with it.</summary>
internal sealed class UnusablePictureException(string message) : Exception(message);
