namespace Zoetrope.Server.Providers.ComfyUi;

/// <summary>What the ComfyUI adapter needs besides the tools of every vendor.</summary>
internal static class ComfyUiFeature
{
    public static IServiceCollection AddComfyUi(this IServiceCollection services, ComfyUiOptions options, string dataDirectory) =>
        services.AddSingleton(new WorkflowFolder(options.Workflows.Length > 0 ? options.Workflows : Path.Combine(dataDirectory, "comfyui")));
}
