namespace Zoetrope.Server.Doors.Shared.Web;

/// <summary>Section <c>Zoetrope:Studio</c>.</summary>
internal sealed class StudioOptions
{
    /// <summary>The published files of the studio; empty: <c>studio</c> beside the program.</summary>
    public string Directory { get; init; } = "";
}
