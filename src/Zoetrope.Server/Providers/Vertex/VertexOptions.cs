namespace Zoetrope.Server.Providers.Vertex;

/// <summary>Section <c>Zoetrope:Vertex</c>: what Google Cloud needs to know beside the key.</summary>
internal sealed class VertexOptions
{
    /// <summary>The Google Cloud project that pays; empty is the key file's own.</summary>
    public string Project { get; set; } = "";

    /// <summary>The region that makes videos: <c>us-central1</c>, another region, or <c>global</c>.</summary>
    public string Location { get; set; } = "us-central1";

    /// <summary>The region that makes Gemini's pictures; Google has the newer models at <c>global</c> only.</summary>
    public string PictureLocation { get; set; } = "global";

    /// <summary>A folder of Cloud Storage for results, <c>gs://bucket/folder</c>; empty has them inside the answers.</summary>
    public string StorageUri { get; set; } = "";

    /// <summary>Where Cloud Storage is read.</summary>
    public string StorageUrl { get; set; } = "https://storage.googleapis.com/";
}
