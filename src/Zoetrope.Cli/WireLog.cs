using System.Reflection;

namespace Zoetrope.Cli;

/// <summary>
/// Says who calls, and with <c>--verbose</c> what was asked and answered: never a header, and no query, where signatures
/// stand.
/// </summary>
internal sealed class WireLog(Terminal terminal, TimeProvider time) : DelegatingHandler(
    new SocketsHttpHandler { AllowAutoRedirect = false })
{
    private static readonly string? Version =
        typeof(WireLog).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    public static string UserAgent { get; } = $"zoetrope-cli/{Version?.Split('+')[0]}";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        var call = $"{request.Method} {request.RequestUri?.GetLeftPart(UriPartial.Path)}";
        var start = time.GetTimestamp();
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            terminal.Detail($"{call}  {(int)response.StatusCode}  {time.GetElapsedTime(start).TotalMilliseconds:0} ms");
            return response;
        }
        catch (HttpRequestException exception)
        {
            terminal.Detail($"{call}  {exception.Message}");
            throw;
        }
    }
}
