using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Zoetrope.Server.Hosting.Commands.Drift;

/// <summary>Where the catalogue and a vendor disagree.</summary>
/// <param name="Provider">Our name of the provider.</param>
/// <param name="VendorModel">The vendor's model id.</param>
/// <param name="Models">Our models that a route takes there.</param>
/// <param name="Kind">unknown_field, missing_field, value, gone or shutdown.</param>
/// <param name="Field">The vendor's field, if it is about one.</param>
/// <param name="Message">What the two say.</param>
internal sealed record Difference(
    string Provider, string VendorModel, IReadOnlyList<string> Models, string Kind, string? Field, string Message);

/// <summary>What could not be compared, and why.</summary>
internal sealed record DriftNote(string Provider, string? VendorModel, string Message);

/// <summary>What <c>catalog drift</c> found.</summary>
/// <param name="Differences">Each one breaks requests, or will.</param>
/// <param name="Unread">What was asked for and not answered.</param>
/// <param name="NotAsked">Providers that were not asked.</param>
/// <param name="Compared">How many of the vendors' models were compared.</param>
internal sealed record DriftReport(
    IReadOnlyList<Difference> Differences, IReadOnlyList<DriftNote> Unread, IReadOnlyList<DriftNote> NotAsked, int Compared)
{
    /// <summary>Silence is no proof, so what was asked for and not answered fails too.</summary>
    public (string Code, string Message)? Failure => Differences.Count > 0
        ? ("CATALOG_DRIFT", string.Create(
            CultureInfo.InvariantCulture,
            $"The vendors say otherwise in {Differences.Count} places. Correct the routes in a catalogue file, then run this again."))
        : Unread.Count > 0
            ? ("DRIFT_UNKNOWN", string.Create(
                CultureInfo.InvariantCulture, $"{Unread.Count} questions were not answered. Run this again later."))
            : null;

    public static DriftReport Nothing(string provider, string why) => new([], [], [new DriftNote(provider, null, why)], 0);

    public JsonObject ToJson() => new()
    {
        ["ok"] = Failure is null,
        ["compared"] = Compared,
        ["differences"] = new JsonArray([.. Differences.Select(one => new JsonObject
        {
            ["provider"] = one.Provider,
            ["vendorModel"] = one.VendorModel,
            ["models"] = new JsonArray([.. one.Models.Select(model => JsonValue.Create(model))]),
            ["kind"] = one.Kind,
            ["field"] = one.Field,
            ["message"] = one.Message,
        })]),
        ["unread"] = new JsonArray([.. Unread.Select(Json)]),
        ["notAsked"] = new JsonArray([.. NotAsked.Select(Json)]),
    };

    /// <summary>Lines, not a table: ids are long, and whoever searches for one must find it whole.</summary>
    public void Show(IAnsiConsole console)
    {
        var writer = console.Profile.Out.Writer;
        foreach (var route in Differences.GroupBy(one => (one.Provider, one.VendorModel)))
        {
            writer.WriteLine($"{route.Key.Provider} {route.Key.VendorModel}");
            foreach (var one in route)
            {
                writer.WriteLine($"  {(one.Field is null ? one.Kind : $"{one.Kind} {one.Field}")}: {one.Message.ReplaceLineEndings(" ")}");
            }

            writer.WriteLine($"  models: {string.Join(", ", route.SelectMany(one => one.Models).Distinct())}");
        }

        foreach (var note in Unread)
        {
            var what = note.VendorModel is null ? note.Provider : $"{note.Provider} {note.VendorModel}";
            writer.WriteLine($"not answered: {what}: {note.Message.ReplaceLineEndings(" ")}");
        }

        foreach (var group in NotAsked.GroupBy(note => note.Message))
        {
            writer.WriteLine($"not asked: {string.Join(", ", group.Select(note => note.Provider))}: {group.Key}");
        }

        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Compared} of the vendors' models compared, {Differences.Count} differences"));
    }

    private static JsonObject Json(DriftNote note) => new()
    {
        ["provider"] = note.Provider,
        ["vendorModel"] = note.VendorModel,
        ["message"] = note.Message,
    };
}
