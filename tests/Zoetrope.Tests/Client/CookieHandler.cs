namespace Zoetrope.Tests.Client;

/// <summary>Sends what a browser adds by itself.</summary>
internal sealed class CookieHandler(string cookie) : DelegatingHandler(new SocketsHttpHandler { UseCookies = false })
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.TryAddWithoutValidation("Cookie", cookie);
        request.Headers.TryAddWithoutValidation("Sec-Fetch-Site", "same-origin");
        request.Headers.TryAddWithoutValidation("Origin", request.RequestUri!.GetLeftPart(UriPartial.Authority));
        return base.SendAsync(request, cancellationToken);
    }
}
