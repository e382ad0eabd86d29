namespace Zoetrope.Server.Providers.ComfyUi;

/// <summary>Section <c>Zoetrope:ComfyUi</c>: the workflows that routes to ComfyUI name.</summary>
internal sealed class ComfyUiOptions
{
    /// <summary>Directory of the workflow files. Empty is <c>comfyui</c> in the data directory.</summary>
    public string Workflows { get; init; } = "";

    public WorkflowFolder FolderIn(string dataDirectory) => new(Workflows.Length > 0 ? Workflows : Path.Combine(dataDirectory, "comfyui"));
}
