using System.Formats.Tar;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.S3;
using Zoetrope.Server.Egress;

namespace Zoetrope.Server.Hosting.Commands.Moving;

/// <summary>What is in an export beside the rows.</summary>
/// <param name="source">The export.</param>
/// <param name="work">A directory for what is unpacked; the caller deletes it.</param>
internal sealed class ExportedFiles(string source, string work)
{
    public string Database => Path.Combine(work, ExportCommand.DatabaseEntry);

    public string SecretPath(string name) => Path.Combine(work, SecretFiles.FileNameOf(name));

    /// <summary>Unpacks the database and the secrets, which come first.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var entry in EntriesAsync(cancellationToken))
            {
                if (entry.Name == ExportCommand.DatabaseEntry)
                {
                    await entry.ExtractToFileAsync(Database, overwrite: true, cancellationToken);
                }
                else if (entry.Name.StartsWith(ExportCommand.Secrets, StringComparison.Ordinal))
                {
                    await entry.ExtractToFileAsync(Path.Combine(work, Path.GetFileName(entry.Name)), overwrite: true, cancellationToken);
                }
                else
                {
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new StartException("NO_EXPORT", $"{source} is no export, or a part of one: {exception.Message}");
        }
    }

    /// <summary>Puts the files where new files go: into the bucket, or into this node's data directory.</summary>
    public async Task<StoredExport> StoreAsync(ArtifactOptions options, Settings settings, CancellationToken cancellationToken)
    {
        await using var services = Services(options, settings);
        var place = services.GetRequiredService<StoredFiles>().Places[0];
        var (stored, present) = (0L, 0L);
        try
        {
            await foreach (var entry in EntriesAsync(cancellationToken))
            {
                if (!entry.Name.StartsWith(ExportCommand.Files, StringComparison.Ordinal)
                    || !ArtifactKey.TryParse(entry.Name[ExportCommand.Files.Length..], out var key))
                {
                    continue;
                }

                if (await place.LengthAsync(key, cancellationToken) == entry.Length)
                {
                    present++;
                    continue;
                }

                var path = Path.Combine(work, "file");
                await entry.ExtractToFileAsync(path, overwrite: true, cancellationToken);
                if (await TemporaryFiles.HashAsync(path, cancellationToken) != key.Sha256)
                {
                    throw new StartException(
                        "FILES_DAMAGED", $"{entry.Name} in the export does not have the bytes of its name. Nothing was imported.");
                }

                await place.PutAsync(key, path, cancellationToken);
                stored++;
            }
        }
        catch (StoreAwayException exception)
        {
            throw new StartException("STORE_UNREACHABLE", $"{exception.Message} {stored} files are there. Run it again, and it goes on.");
        }

        return new StoredExport(place.Place, stored, present);
    }

    private async IAsyncEnumerable<TarEntry> EntriesAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(source);
        await using var tar = new TarReader(stream);
        while (await tar.GetNextEntryAsync(cancellationToken: cancellationToken) is { } entry)
        {
            yield return entry;
        }
    }

    private static ServiceProvider Services(ArtifactOptions options, Settings settings)
    {
        try
        {
            return new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
                .AddEgress(settings.Bind<EgressOptions>("Egress"))
                .AddArtifacts(options)
                .RemoveAll<FileCache>()
                .RemoveAll<StoredFiles>()
                .AddSingleton(provider => new StoredFiles(
                    [options.FirstPlace == PlaceWords.S3
                        ? provider.GetRequiredService<S3ArtifactStore>()
                        : new Artifacts.Stores.FileArtifactStore(options.DataDirectory)],
                    blobs: null,
                    TimeProvider.System))
                .BuildServiceProvider();
        }
        catch (ArgumentException exception)
        {
            throw new StartException("INVALID_SETTING", exception.Message, StartException.BadSettings);
        }
    }
}

/// <summary>Where the files of an export are now.</summary>
internal sealed record StoredExport(string Place, long Stored, long Present)
{
    public string Words => Place == PlaceWords.S3 ? "the bucket" : "this node's data directory, which only it serves";
}
