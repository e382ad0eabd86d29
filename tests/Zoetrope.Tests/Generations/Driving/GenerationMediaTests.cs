using Zoetrope.Server;
using Zoetrope.Server.Admission;
using Zoetrope.Server.Artifacts;
using Zoetrope.Server.Artifacts.Media;
using Zoetrope.Server.Catalog.Routes;
using Zoetrope.Server.Egress;
using Zoetrope.Server.Generations;
using Zoetrope.Server.Generations.Driving;
using Zoetrope.Server.Providers;
using Zoetrope.Server.Storage;
using Zoetrope.Tests.Artifacts;
using Zoetrope.Tests.Artifacts.Media;

namespace Zoetrope.Tests.Generations.Driving;

/// <summary>Input files on their way to a vendor.</summary>
public sealed class GenerationMediaTests : IAsyncLifetime
{
    private static readonly InputForm Plain = new() { ImageTypes = ["image/jpeg", "image/png"] };
    private ArtifactsHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ArtifactsHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Only_what_the_vendor_does_not_read_is_converted_and_nothing_has_an_address()
    {
        var generation = Of(await _host.StoreAsync(TestMedia.Png), await _host.StoreAsync(TestMedia.Avif), await _host.StoreAsync(TestMedia.Mp4));

        var inputs = await Media(null).InputsAsync(generation, Plain);

        Assert.Null(inputs.Refusal);
        Assert.Equal(["image/png", "image/jpeg", "video/mp4"], inputs.Files.Select(file => file.ContentType));
        Assert.Equal(["image/png", "image/jpeg", "video/mp4"], inputs.Files.Select(file => MediaSniffer.Read(file.Path)));
        Assert.All(inputs.Files, file => Assert.Null(file.Publish));
    }

    [Fact]
    public async Task A_server_with_a_public_address_gives_each_file_a_url_for_a_day()
    {
        var generation = Of(await _host.StoreAsync(TestMedia.Png), await _host.StoreAsync(TestMedia.WebP));

        var inputs = (await Media("https://media.example.com").InputsAsync(generation, Plain)).Files;

        foreach (var input in inputs)
        {
            Assert.Equal(await File.ReadAllBytesAsync(input.Path), await ReadAsync(await UrlAsync(input)));
        }

        _host.Time.Advance(TimeSpan.FromHours(23));
        Assert.NotEmpty(await ReadAsync(await UrlAsync(inputs[1])));
        _host.Time.Advance(TimeSpan.FromHours(1.1));
        Assert.False((await _host.SendAsync(HttpMethod.Get, await UrlAsync(inputs[1]))).IsSuccessStatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(async () => await ReadAsync(await UrlAsync(inputs[0])));
    }

    [Fact]
    public async Task A_retry_of_a_public_conversion_shows_the_same_bytes()
    {
        var generation = Of(await _host.StoreAsync(TestMedia.WebP));
        var media = Media("https://media.example.com");

        var first = Assert.Single((await media.InputsAsync(generation, Plain)).Files);
        var second = Assert.Single((await media.InputsAsync(generation, Plain)).Files);

        Assert.Equal((first.Path, first.ContentType), (second.Path, second.ContentType));
        Assert.Equal(await ReadAsync(await UrlAsync(first)), await ReadAsync(await UrlAsync(second)));
    }

    [Fact]
    public async Task A_file_that_nobody_fetches_costs_no_copy()
    {
        var generation = Of(await _host.StoreAsync(TestMedia.WebP));
        var before = await RowsAsync();

        var input = Assert.Single((await Media("https://media.example.com").InputsAsync(generation, Plain)).Files);
        var prepared = await RowsAsync();
        Assert.Equal(await UrlAsync(input), await UrlAsync(input));

        Assert.Equal(before, prepared);
        Assert.Equal(before + 1, await RowsAsync());
    }

    [Fact]
    public async Task A_broken_file_and_a_lost_one_are_refusals_that_name_the_parameter()
    {
        var cut = TestMedia.NewPath(".avif");
        await File.WriteAllBytesAsync(cut, (await File.ReadAllBytesAsync(TestMedia.Avif))[..^200]);
        var lost = await _host.StoreAsync(TestMedia.WebP);
        File.Delete((await _host.Get<StoredFiles>().LocalPathAsync(lost.Key, CancellationToken.None))!);

        foreach (var artifact in (Artifact[])[await _host.StoreAsync(cut), lost])
        {
            var inputs = await Media(null).InputsAsync(Of(artifact), Plain);

            Assert.Empty(inputs.Files);
            Assert.Equal(ProviderErrorKind.InvalidInput, inputs.Refusal?.Kind);
            Assert.StartsWith("image_urls: ", inputs.Refusal?.VendorMessage);
        }
    }

    private JobInputs Media(string? address) => new(
        _host.Get<StoredFiles>(),
        _host.Get<InputConverter>(),
        new InputUrls(_host.Get<ArtifactRecords>(), _host.Get<StoredFiles>(), _host.Get<SignedUrls>(), PublicHosts.AddressOf(address ?? "")));

    private static async Task<Uri> UrlAsync(ProviderInput input) => (await input.PublicUrlAsync())!;

    private async Task<long> RowsAsync() => await _host.Get<Database>().ReadAsync(async session => await session.ScalarAsync<long>("select count(*) from artifacts"));

    private async Task<byte[]> ReadAsync(Uri url)
    {
        using var answer = await _host.SendAsync(HttpMethod.Get, url);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }

    private Generation Of(params Artifact[] inputs) => new()
    {
        AccountId = "acct_one",
        Id = Ids.New(Ids.Generation, _host.Time),
        Mode = KeyMode.Live,
        KeyId = "key_one",
        Status = GenerationStatus.Running,
        Version = 1,
        Model = "flux-2-pro-image-to-image",
        Media = MediaType.Image,
        Prompt = "In snow",
        Parameters = "{}",
        Inputs = OrderJson.Write([.. inputs.Select(input => new ResolvedInput(new InputReference("image_urls", "image_urls", InputKind.Image, ""), input.Id, input.Probe))]),
        Output = OrderJson.Write(new OutputSpec { Media = MediaType.Image, Format = "png", Width = 64, Height = 64 }),
        Route = 0,
        Provider = "fal",
        Quoted = 1,
        CreatedAt = _host.Time.GetUtcNow(),
    };
}
