using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.AI;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Client;

/// <summary>
/// Zoetrope as an <see cref="IImageGenerator"/>. A call waits until its images are made; when it is cancelled they are made all
/// the same, and read with <see cref="ZoetropeClient.GetAsync"/>. Serves any number of threads.
/// </summary>
[Experimental("MEAI001")]
public sealed class ZoetropeImageGenerator : IImageGenerator
{
    /// <summary>Name of the entry of <see cref="ImageGenerationOptions.AdditionalProperties"/> that holds an <c>Idempotency-Key</c> of yours.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>Name of the entry of <see cref="ImageGenerationOptions.AdditionalProperties"/> that holds the highest price you agree to, for keys that ask; as of <see cref="ZoetropeClient.Confirming"/>.</summary>
    public const string ConfirmedCredits = "Zoetrope-Confirm-Credits";

    private readonly ZoetropeClient _client;
    private readonly ImageGeneratorMetadata _metadata;
    private readonly ImageRequestMapping _mapping;

    /// <summary>Makes a generator; nothing is sent yet.</summary>
    /// <param name="client">Makes the calls; it stays its owner's.</param>
    /// <param name="model">The model where a request names none: an id, or a family such as <c>nano-banana-pro</c>.</param>
    public ZoetropeImageGenerator(ZoetropeClient client, string model)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(model);
        _client = client;
        _metadata = new ImageGeneratorMetadata("zoetrope", client.Address, model);
        _mapping = new ImageRequestMapping(client, this);
    }

    /// <inheritdoc />
    /// <remarks>
    /// <para><see cref="ImageGenerationOptions.ImageSize"/> chooses the nearest shape and resolution of the model; <see cref="ImageGenerationOptions.AdditionalProperties"/> are the model's parameters by name.</para>
    /// <para>Several images (<see cref="ImageGenerationOptions.Count"/>) are one batch: paid for together or not at all. Where some of them fail, the others are answered.</para>
    /// <para><see cref="ImageGenerationResponse.RawRepresentation"/> is the <see cref="TaskState"/>, or the list of them where there are several.</para>
    /// </remarks>
    /// <exception cref="ZoetropeRefusedException">The request was refused; nothing was charged.</exception>
    /// <exception cref="ZoetropeTaskFailedException">No image was made; nothing was charged.</exception>
    public async Task<ImageGenerationResponse> GenerateAsync(ImageGenerationRequest request, ImageGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (options?.ResponseFormat is ImageGenerationResponseFormat.Hosted)
        {
            throw new NotSupportedException("Zoetrope has no hosted files; ask for Data or Uri.");
        }

        var wanted = await _mapping.MapAsync(request, options, _metadata.DefaultModelId!, cancellationToken).ConfigureAwait(false);
        var key = Own(options, IdempotencyKey);
        var client = Own(options, ConfirmedCredits) is { } credits ? _client.Confirming(long.Parse(credits, CultureInfo.InvariantCulture)) : _client;
        var tasks = (options?.Count ?? 1) == 1
            ? [await client.GenerateAndWaitAsync(wanted, key, cancellationToken).ConfigureAwait(false)]
            : await SeveralAsync(client, wanted, options!.Count!.Value, key, cancellationToken).ConfigureAwait(false);
        var contents = new List<AIContent>();
        foreach (var file in tasks.SelectMany(static task => task.Results ?? [task.Result!]))
        {
            contents.Add(options?.ResponseFormat is ImageGenerationResponseFormat.Uri
                ? new UriContent(file.Url, file.ContentType)
                : await ReadAsync(file, cancellationToken).ConfigureAwait(false));
        }

        return new ImageGenerationResponse(contents)
        {
            RawRepresentation = tasks is [var only] ? only : tasks,
            Usage = new UsageDetails { AdditionalCounts = new() { ["credits"] = tasks.Sum(static task => task.CreditsUsed) } },
        };
    }

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ImageGeneratorMetadata) ? _metadata
            : serviceType == typeof(ZoetropeClient) ? _client
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing: the client is not the generator's.</summary>
    public void Dispose()
    {
    }

    /// <summary>Whether an entry of the additional properties is meant for this class and not for the model.</summary>
    internal static bool IsOwn(string name) => name is IdempotencyKey or ConfirmedCredits;

    private static string? Own(ImageGenerationOptions? options, string name) =>
        options?.AdditionalProperties?.TryGetValue(name, out var given) == true ? Convert.ToString(given, CultureInfo.InvariantCulture) : null;

    private static async Task<IReadOnlyList<TaskState>> SeveralAsync(ZoetropeClient client, GenerateRequest wanted, int count, string? key, CancellationToken cancellationToken)
    {
        if (count < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count.ToString(CultureInfo.InvariantCulture), "Count must be at least 1.");
        }

        var batch = await client.CreateBatchAsync([.. Enumerable.Repeat(wanted, count)], idempotencyKey: key, cancellationToken: cancellationToken).ConfigureAwait(false);
        batch = await client.WaitForBatchAsync(batch.Id, cancellationToken).ConfigureAwait(false);
        var tasks = new List<TaskState>(count);
        foreach (var item in batch.Items!)
        {
            tasks.Add(await client.GetAsync(item.TaskId, cancellationToken).ConfigureAwait(false));
        }

        var made = tasks.FindAll(static task => task.Status == "completed");
        return made.Count > 0 ? made : throw new ZoetropeTaskFailedException(tasks[0]);
    }

    private async Task<DataContent> ReadAsync(TaskFile file, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream(checked((int)file.Bytes));
        await _client.DownloadAsync(file, bytes, cancellationToken).ConfigureAwait(false);
        return new DataContent(bytes.ToArray(), file.ContentType);
    }
}
