using System.Text.Json;
using System.Text.Json.Serialization;
using Zoetrope.Cli.Logins;

namespace Zoetrope.Cli;

/// <summary>A server and the keys for it, as <c>zoetrope login</c> keeps them.</summary>
internal sealed record Profile
{
    public required string BaseUrl { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ApiKey { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AdminKey { get; init; }

    /// <summary>Instead of a key: what was allowed in a browser.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StoredLogin? Login { get; init; }
}

/// <summary>The profiles of this user by name, in a file that only they can read.</summary>
internal sealed class Profiles(string path)
{
    public const string Default = "default";

    public string Path => path;

    public static Profiles OfUser() => new(System.IO.Path.Combine(
        Environment.GetFolderPath(
            Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "zoetrope", "profiles.json"));

    public Profile? Find(string name) => Read().GetValueOrDefault(name);

    public void Save(string name, Profile profile)
    {
        var all = Read();
        all[name] = profile;
        Write(all);
    }

    public bool Remove(string name)
    {
        var all = Read();
        if (!all.Remove(name))
        {
            return false;
        }

        Write(all);
        return true;
    }

    private SortedDictionary<string, Profile> Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), CliJson.Default.SortedDictionaryStringProfile) ?? [];
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (JsonException)
        {
            throw CliException.Usage($"{path} is not a file that 'zoetrope login' wrote.", "Delete it and log in again.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CliException.File($"{path} cannot be read: {exception.Message}");
        }
    }

    private void Write(SortedDictionary<string, Profile> all)
    {
        try
        {
            var directory = System.IO.Path.GetDirectoryName(path)!;
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(directory);
                File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(all, CliJson.Default.SortedDictionaryStringProfile));
                return;
            }

            // Private from its first byte on, and whole or not at all: a key must not be readable for a moment either.
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var part = $"{path}.{Guid.NewGuid():N}.part";
            var secret = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (var stream = new FileStream(part, secret))
            {
                JsonSerializer.Serialize(stream, all, CliJson.Default.SortedDictionaryStringProfile);
            }

            File.Move(part, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CliException.File($"{path} cannot be written: {exception.Message}");
        }
    }
}
