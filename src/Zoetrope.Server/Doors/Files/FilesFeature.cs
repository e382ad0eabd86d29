using Zoetrope.Server.Doors.Shared;

namespace Zoetrope.Server.Doors.Files;

/// <summary>The door of files: results and uploads are read, and uploads written, by URLs that are the permission.</summary>
internal static class FilesFeature
{
    private const string Why = "the URL's signature, or its unguessable key, is the right";

    /// <summary>Maps <c>/files/…</c> and <c>PUT /uploads/…</c>.</summary>
    public static IEndpointRouteBuilder MapFiles(this IEndpointRouteBuilder routes)
    {
        var files = routes.MapGroup("").AllowAnonymousCaller(Why).WithTags("Files");
        files.MapReads();
        files.MapUploads();
        return routes;
    }
}
