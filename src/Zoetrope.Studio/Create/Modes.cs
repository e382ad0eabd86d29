using static Zoetrope.Studio.Texts.Words;

namespace Zoetrope.Studio.Create;

/// <summary>A mode of the catalogue in words: text → image.</summary>
internal static class Modes
{
    public static string Words(string mode) => mode.Split("-to-") switch
    {
        [var from, var to] => T("create.mode", T("create.mode." + from), T("create.mode." + to)),
        _ => T("create.mode." + mode),
    };
}
