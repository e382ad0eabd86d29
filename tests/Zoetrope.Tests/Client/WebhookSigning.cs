using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Zoetrope.Server.Events;

namespace Zoetrope.Tests.Client;

/// <summary>Deliveries as the server signs them, for receivers in tests.</summary>
internal static class WebhookSigning
{
    public static string NewSecret() => "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public static string Sign(string secret, string id, long timestamp, byte[] body) =>
        WebhookSignature.Symmetric(Convert.FromBase64String(secret["whsec_".Length..]), id, timestamp, body);

    public static HttpRequestMessage Request(Uri address, string secret, string body)
    {
        var (bytes, sent) = (Encoding.UTF8.GetBytes(body), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        request.Headers.Add("webhook-id", "msg_1");
        request.Headers.Add("webhook-timestamp", sent.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", Sign(secret, "msg_1", sent, bytes));
        return request;
    }
}
