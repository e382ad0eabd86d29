using System.CommandLine;
using System.Text.Json;
using Zoetrope.Cli.Media;
using Zoetrope.Contracts.VicSee;

namespace Zoetrope.Cli.Commands;

/// <summary><c>upscale</c>: an image or a video, larger.</summary>
internal static class UpscaleCommand
{
    private static readonly string[] VideoEndings = [".mp4", ".mov", ".webm", ".m4v"];

    public static Command Create(Interruption interruption)
    {
        var source = new Argument<string>("source") { Description = "An image or a video: a file or a URL" };
        var factor = new Option<string>("--factor", "-f") { Description = "How much larger: 1, 2 or 4", DefaultValueFactory = _ => "2" };
        factor.AcceptOnlyFromAmong("1", "2", "4");
        var type = new Option<string?>("--type") { Description = "image or video, if a URL does not show which it is" };
        type.AcceptOnlyFromAmong("image", "video");
        var production = new Production();
        var command = new Command("upscale", "Make an image or a video larger and save it") { source, factor, type };
        production.AddTo(command);
        return command.Doing(interruption, async invocation =>
        {
            production.Check(invocation);
            var given = invocation.Value(source);
            var video = (invocation.Value(type) ?? TypeOf(given)) == "video";
            var (tags, user) = (production.Tags(invocation), production.User(invocation));
            var address = await InputFiles.ResolveAsync(invocation, given);
            await production.RunAsync(invocation, Priced(address, video, invocation.Value(factor)) with { Tags = tags, User = user }, async key =>
            {
                var created = video
                    ? await invocation.Client.UpscaleVideoAsync(
                        new UpscaleVideoRequest { VideoUrl = address, UpscaleFactor = invocation.Value(factor), Tags = tags, User = user },
                        key,
                        invocation.CancellationToken)
                    : await invocation.Client.UpscaleImageAsync(
                        new UpscaleImageRequest { ImageUrl = address, UpscaleFactor = invocation.Value(factor), Tags = tags, User = user },
                        key,
                        invocation.CancellationToken);
                return new Started(
                    created.Id,
                    created.Model,
                    created.CreditsUsed,
                    created.CreditsRemaining,
                    JsonSerializer.SerializeToNode(created, CliJson.Default.UpscaleCreated)!);
            });
        });
    }

    private static string TypeOf(string source)
    {
        if (!InputFiles.IsAddress(source))
        {
            return FileType.OfFile(source).StartsWith("video/", StringComparison.Ordinal) ? "video" : "image";
        }

        var path = source.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? "" : new Uri(source).AbsolutePath;
        return VideoEndings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)
            || source.StartsWith("data:video/", StringComparison.OrdinalIgnoreCase)
            ? "video"
            : "image";
    }

    // The tools are models with a body of their own; the price is asked for under the model's name.
    private static GenerateRequest Priced(string address, bool video, string factor) => new()
    {
        Model = video ? "topaz-video-upscale" : "topaz-image-upscale",
        Input = new Dictionary<string, JsonElement>
        {
            [video ? "video_url" : "image_url"] = JsonSerializer.SerializeToElement(address, CliJson.Default.String),
            ["upscale_factor"] = JsonSerializer.SerializeToElement(factor, CliJson.Default.String),
        },
    };
}
