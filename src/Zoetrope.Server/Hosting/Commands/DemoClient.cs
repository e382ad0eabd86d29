using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Zoetrope.Server.Hosting.Commands;

/// <summary>The few calls of the demo, as any VicSee client makes them.</summary>
internal sealed class DemoClient : IDisposable
{
    private readonly HttpClient _http = NewClient();
    private readonly string _url;
    private readonly string _keySource;

    public DemoClient(string url, string key, string keySource)
    {
        (_url, _keySource) = (url, keySource);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public static async Task<bool> AnswersAsync(string url, CancellationToken cancellationToken)
    {
        using var http = NewClient();
        http.Timeout = TimeSpan.FromSeconds(2);
        try
        {
            using var response = await http.GetAsync(url + "/health/live", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception)
            when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The <c>data</c> of the answer; a refusal becomes the command's failure with the API's own code.</summary>
    public async Task<JsonObject> SendAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, _url + path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await _http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        var answer = Parse(text);
        if (answer?["data"] is JsonObject data && response.IsSuccessStatusCode)
        {
            answer.Remove("data");
            return data;
        }

        var message = (string?)answer?["error"]?["message"] ?? $"{method} {path} returned the status {(int)response.StatusCode}.";
        throw new StartException(
            (string?)answer?["error"]?["code"] ?? $"HTTP_{(int)response.StatusCode}",
            response.StatusCode == HttpStatusCode.Unauthorized
                ? $"{message} The key is that of {_keySource}; the server {_url} has other data. Set ZOETROPE_DATA to that server's data "
                    + "directory, or ZOETROPE_API_KEY to one of its keys."
                : message);
    }

    public async Task<FileInfo> DownloadAsync(string url, string? path, string taskId, CancellationToken cancellationToken)
    {
        // Signed URLs need no key, and the address may be a store that must not see it.
        using var http = NewClient();
        using var response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new StartException(
                $"HTTP_{(int)response.StatusCode}", $"The URL of the result returned the status {(int)response.StatusCode}.");
        }

        path ??= Path.GetFullPath(taskId + Extension(response.Content.Headers.ContentType?.MediaType));
        await using (var file = File.Create(path))
        {
            await response.Content.CopyToAsync(file, cancellationToken);
        }

        return new FileInfo(path);
    }

    public void Dispose() => _http.Dispose();

    private static HttpClient NewClient() => new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Extension(string? contentType) => contentType switch
    {
        "video/mp4" => ".mp4",
        "video/webm" => ".webm",
        "image/png" => ".png",
        "image/jpeg" => ".jpg",
        "image/webp" => ".webp",
        _ => ".bin",
    };
}
