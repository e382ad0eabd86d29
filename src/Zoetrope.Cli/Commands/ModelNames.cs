using System.CommandLine.Completions;
using System.Text.Json;
using Zoetrope.Client;

namespace Zoetrope.Cli.Commands;

/// <summary>The models' names for the shell, which asks at every Tab: remembered for an hour, and never worth waiting for.</summary>
internal static class ModelNames
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static IEnumerable<CompletionItem> Complete(CompletionContext context)
    {
        try
        {
            var connection = Connection.Read(context.ParseResult, Profiles.OfUser());
            var names = Remembered(connection.BaseUrl) ?? Ask(connection);
            return names.Where(name => name.StartsWith(context.WordToComplete, StringComparison.OrdinalIgnoreCase))
                .Select(name => new CompletionItem(name));
        }
        catch (Exception exception) when (exception is CliException or ZoetropeException or OperationCanceledException
            or IOException or UnauthorizedAccessException or JsonException)
        {
            // A shell that completes has no place for an error.
            return [];
        }
    }

    private static string FileOf(Uri server) => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "zoetrope",
        $"models-{server.Host}-{server.Port}.json");

    private static string[]? Remembered(Uri server)
    {
        var file = new FileInfo(FileOf(server));
        return file.Exists && TimeProvider.System.GetUtcNow() - file.LastWriteTimeUtc < MaxAge
            ? JsonSerializer.Deserialize(File.ReadAllBytes(file.FullName), CliJson.Default.StringArray)
            : null;
    }

    private static string[] Ask(Connection connection)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var client = new ZoetropeClient(
            connection.BaseUrl, connection.ApiKey ?? "none", new ZoetropeClientOptions { MaxRetries = 0 });

        // Completion sources are not asynchronous.
        var models = client.ModelsAsync(type: null, deadline.Token).GetAwaiter().GetResult();
        string[] names = [.. models.Select(model => model.Id)];
        var path = FileOf(connection.BaseUrl);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(names, CliJson.Default.StringArray));
        return names;
    }
}
