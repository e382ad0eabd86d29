using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Zoetrope.Client;
using Zoetrope.Server;

namespace Zoetrope.Cli.Commands;

/// <summary>
/// Sends events to a program under development as the server would send them: Standard Webhooks 1.0, signed with HMAC-SHA256. Sent
/// once each: what fails here is what one wants to see.
/// </summary>
internal sealed class WebhookForward : IDisposable
{
    private const string Prefix = "whsec_";

    /// <summary>As long as the server waits.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Patience };
    private readonly byte[] _secret;
    private readonly TimeProvider _time;

    public WebhookForward(Uri target, string secret, TimeProvider time)
    {
        (Target, _time) = (target, time);
        try
        {
            _secret = Convert.FromBase64String(secret.StartsWith(Prefix, StringComparison.Ordinal) ? secret[Prefix.Length..] : secret);
        }
        catch (FormatException)
        {
            throw CliException.Usage("--secret: A signing secret is whsec_ followed by base64.");
        }
    }

    public Uri Target { get; }

    public static string NewSecret() => Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    /// <returns>What came of it, in words.</returns>
    public async Task<string> SendAsync(TaskEvent happened, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        using var request = Request(happened);
        try
        {
            using var answer = await _http.SendAsync(request, cancellationToken);
            var verdict = answer.IsSuccessStatusCode ? "" : ", which is a failure";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{(int)answer.StatusCode}{verdict} in {_time.GetElapsedTime(start).TotalMilliseconds:0} ms");
        }
        catch (Exception exception)
            when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return exception is HttpRequestException ? exception.Message : $"no answer within {Words.Duration(Patience)}";
        }
    }

    public void Dispose() => _http.Dispose();

    private HttpRequestMessage Request(TaskEvent happened)
    {
        var now = _time.GetUtcNow();
        var payload = new JsonObject
        {
            ["type"] = happened.Type,
            ["timestamp"] = now.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["data"] = JsonSerializer.SerializeToNode(happened.Task, CliJson.Default.TaskState),
        };
        var body = Encoding.UTF8.GetBytes(payload.ToJsonString(WireJson.Options));

        // The same event has the same id when it is listened to again, as a redelivery has.
        var name = Encoding.UTF8.GetBytes($"{happened.Cursor}.{happened.Type}.{happened.Task.Id}");
        var id = $"msg_{Convert.ToHexStringLower(SHA256.HashData(name))[..26]}";
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(
            HMACSHA256.HashData(_secret, (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body]));
        var request = new HttpRequestMessage(HttpMethod.Post, Target) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TryAddWithoutValidation("webhook-id", id);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("webhook-signature", $"v1,{signature}");
        request.Headers.TryAddWithoutValidation("User-Agent", WireLog.UserAgent);
        return request;
    }
}
