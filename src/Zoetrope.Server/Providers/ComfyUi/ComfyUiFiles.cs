using System.Net.Http.Headers;
using Zoetrope.Server.Providers.Calls;

namespace Zoetrope.Server.Providers.ComfyUi;

/// <summary>Input files go to ComfyUI before the prompt that names them, and results are fetched from it.</summary>
internal sealed class ComfyUiFiles(ProviderTools tools, Func<HttpMethod, string, ProviderKey, HttpContent?, HttpRequestMessage> call)
{
    private const long MaxResult = 2L << 30;
    private readonly HttpClient _http = tools.Egress.ForOperator(tools.BaseUrl);

    /// <summary>Uploads every file and puts its name into the body; otherwise why one could not be uploaded.</summary>
    public async Task<ProviderError?> PlaceAsync(ProviderRequest request, VendorBody body, CancellationToken cancellationToken)
    {
        for (var i = 0; i < request.Inputs.Count; i++)
        {
            if (await UploadAsync(request, request.Inputs[i], i + 1, body, cancellationToken) is { } refused)
            {
                return refused;
            }
        }

        return null;
    }

    /// <summary>
    /// Fetches a result from the configured URL itself, which the guard of foreign URLs would refuse if it is private;
    /// null if it was fetched.
    /// </summary>
    public async Task<PollResult?> FetchAsync(ProviderRequest request, ComfyUiFile file, string path, CancellationToken cancellationToken)
    {
        using var message = call(HttpMethod.Get, file.Path, request.Key, null);
        using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var status = (int)response.StatusCode;
        if (!response.IsSuccessStatusCode)
        {
            return status is 401 or 403 or 408 or 429 or >= 500
                ? new PollResult.Unreadable($"{file.Name}: HTTP {status}")
                : new PollResult.Failed(
                    new ProviderError(ProviderErrorKind.BadOutput, $"http_{status}", "The result file cannot be read."));
        }

        var stored = await tools.Egress.SaveAsync(response, path, MaxResult, cancellationToken);
        return stored.Failure is { } failure ? new PollResult.Unreadable($"{file.Name}: {failure.Detail}") : null;
    }

    private async Task<ProviderError?> UploadAsync(
        ProviderRequest request, ProviderInput input, int number, VendorBody body, CancellationToken cancellationToken)
    {
        try
        {
            var name = $"zoetrope-{request.AttemptId}-{number}{Path.GetExtension(input.Path)}";
            await using var stream = new FileStream(
                input.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
            using var form = new MultipartFormDataContent();
            var file = new StreamContent(stream);
            file.Headers.ContentType = new MediaTypeHeaderValue(input.ContentType);
            form.Add(file, "image", name);
            form.Add(new StringContent("input"), "type");
            var answer = await tools.Client.SendAsync(call(HttpMethod.Post, "upload/image", request.Key, form), cancellationToken);
            if (answer.IsSuccess && ComfyUiWire.UploadedName(answer.Json) is { } stored)
            {
                body.Place(input, stored);
                return null;
            }

            return answer.Status == 413
                ? new ProviderError(ProviderErrorKind.InvalidInput, "http_413", "An input file is larger than ComfyUI's --max-upload-size.")
                : VendorClient.ByStatus(answer)
                    ?? new ProviderError(ProviderErrorKind.Unavailable, $"http_{answer.Status}", "An input file could not be uploaded.");
        }
        catch (Exception exception)
        {
            return new ProviderError(ProviderErrorKind.Unavailable, "upload", $"An input file could not be uploaded: {exception.Message}");
        }
    }
}
