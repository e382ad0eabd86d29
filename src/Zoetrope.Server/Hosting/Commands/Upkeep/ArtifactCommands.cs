using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.S3;
using Zoetrope.Server.Artifacts.Stores;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting.Commands.Upkeep;

/// <summary><c>artifacts move</c>: the files of a running server from its disk to a bucket, or back.</summary>
internal static class ArtifactCommands
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UsualStay = TimeSpan.FromMinutes(1);

    public static Command Create()
    {
        var to = new Option<string>("--to") { Description = "Where to: s3 or disk", Required = true };
        to.AcceptOnlyFromAmong(PlaceWords.S3, PlaceWords.Disk);
        var stay = new Option<TimeSpan>("--stay")
        {
            Description = "How long a copied file stays at its old place for requests that read it there",
            DefaultValueFactory = _ => UsualStay,
        };
        return new Command("artifacts", "Stored files")
        {
            new Command(
                "move",
                "Move all files between the disk and the bucket while the server runs; run it again if it breaks off") { to, stay }
                .Answering((parsed, cancellationToken) => MoveAsync(parsed.GetRequiredValue(to), parsed.GetValue(stay), cancellationToken)),
        };
    }

    private static async Task<Answer> MoveAsync(string to, TimeSpan stay, CancellationToken cancellationToken)
    {
        var host = HostSettings.FromEnvironment();
        var settings = Settings.Load(host);
        var options = settings.BindArtifacts(DataDirectory.Create(host.DataDirectory));
        var database = settings.Bind<DatabaseOptions>("Database");
        await using var services = Services(settings, options, database);
        await CheckAsync(services, options, to, cancellationToken);
        await Schema.EnsureAsync(database, options.DataDirectory);

        var count = new MoveCount();
        var moving = services.GetRequiredService<StoreMove>().RunAsync(to, stay, count, cancellationToken);
        while (await Task.WhenAny(moving, Task.Delay(TellEvery, TimeProvider.System, CancellationToken.None)) != moving)
        {
            await CommandOutput.NoteAsync(Told(count));
        }

        try
        {
            await moving;
        }
        catch (StoreAwayException exception)
        {
            throw new StartException("STORE_UNREACHABLE", $"{exception.Message} {Told(count)} Run it again, and it goes on.");
        }

        return new Answer(
            new JsonObject
            {
                ["to"] = to,
                ["moved"] = count.Moved,
                ["alreadyThere"] = count.Present,
                ["bytes"] = count.Bytes,
                ["damaged"] = new JsonArray([.. count.Damaged.Select(key => JsonValue.Create(key.ToString()))]),
            },
            console => console.Profile.Out.Writer.WriteLine(Told(count)))
        {
            Failure = count.Damaged.IsEmpty ? null : (
                "FILES_DAMAGED",
                $"These files do not have the bytes of their names, and stay where they are: {string.Join(", ", count.Damaged)}"),
        };
    }

    private static string Told(MoveCount count) =>
        $"{count.Moved} files moved, {count.Present} were there already, {count.Bytes / 1_000_000.0:0.0} MB, {count.Damaged.Count} damaged.";

    private static ServiceProvider Services(Settings settings, ArtifactOptions options, DatabaseOptions database)
    {
        try
        {
            var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
                .AddStorage(database, options.DataDirectory)
                .AddEgress(settings.Bind<EgressOptions>("Egress"))
                .AddArtifacts(options);

            // Its copies are the server's, and files only pass through here.
            return services.RemoveAll<FileCache>().BuildServiceProvider();
        }
        catch (ArgumentException exception)
        {
            throw new StartException("INVALID_SETTING", exception.Message, StartException.BadSettings);
        }
    }

    // Files that the running server does not look for where they go would be lost to it.
    private static async Task CheckAsync(IServiceProvider services, ArtifactOptions options, string to, CancellationToken cancellationToken)
    {
        if (!options.S3.IsUsed)
        {
            throw StartException.BadSetting("Artifacts:S3:Bucket", "There is no bucket. Set it for the server, and restart the server, first.");
        }

        if (options.FirstPlace != to)
        {
            throw StartException.BadSetting(
                "Artifacts:Place", $"New files go to {options.FirstPlace}. Set it to {to}, and restart the server, first.");
        }

        if (await services.GetRequiredService<Bucket>().FaultAsync(cancellationToken) is { } fault)
        {
            throw new StartException("INVALID_SETTING", fault, StartException.BadSettings);
        }
    }
}
