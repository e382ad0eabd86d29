using Zoetrope.Server.Operator;
using Zoetrope.Server.Storage;

namespace Zoetrope.Server.Hosting;

/// <summary>The key of the first start, kept where the owner of the data directory finds it again.</summary>
internal static class FirstKey
{
    public static string PathOf(string dataDirectory) => Path.Combine(dataDirectory, "first-key.txt");

    /// <summary>The key when this start made it; later starts answer null.</summary>
    public static async Task<string?> EnsureAsync(IServiceProvider services, string dataDirectory)
    {
        var created = await FirstStart.EnsureAsync(
            services.GetRequiredService<Database>(),
            services.GetRequiredService<TimeProvider>(),
            key => Write(PathOf(dataDirectory), key.Secret));
        return created?.Secret;
    }

    public static string? Read(string dataDirectory)
    {
        var path = PathOf(dataDirectory);
        return File.Exists(path)
            ? File.ReadAllText(path).Split().FirstOrDefault(word => word.StartsWith("sk-", StringComparison.Ordinal))
            : null;
    }

    private static void Write(string path, string secret)
    {
        // An older file would keep its own, perhaps wider, mode.
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new StreamWriter(path, options);
        file.WriteLine(secret);
    }
}
