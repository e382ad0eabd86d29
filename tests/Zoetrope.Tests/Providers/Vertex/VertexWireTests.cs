using Zoetrope.Server.Providers;
using Zoetrope.Server.Providers.Vertex;
using Zoetrope.Tests.Providers.Google;

namespace Zoetrope.Tests.Providers.Vertex;

public sealed class VertexWireTests : IDisposable
{
    private const string Name = "projects/p-1/locations/us-central1/publishers/google/models/veo-3.1-generate-001/operations/3f1c-9";
    private readonly ShelvedAnswers _answers = new();

    public void Dispose() => _answers.Dispose();

    [Theory]
    [InlineData("us-central1", "https://us-central1-aiplatform.googleapis.com/")]
    [InlineData("global", "https://aiplatform.googleapis.com/")]
    [InlineData("eu", "https://aiplatform.eu.rep.googleapis.com/")]
    public void A_location_has_its_address(string location, string url) => Assert.Equal(new Uri(url), VertexWire.BaseUrl(location));

    [Fact]
    public void An_operation_is_read_at_its_model() =>
        Assert.Equal("v1/projects/p-1/locations/us-central1/publishers/google/models/veo-3.1-generate-001:fetchPredictOperation", VertexWire.PollPath(Name));

    [Theory]
    [InlineData("")]
    [InlineData("operations/1")]
    [InlineData("projects/p/locations/l/publishers/google/models/../../x/operations/1")]
    [InlineData("https://elsewhere.example/projects/p/locations/l/publishers/google/models/m/operations/1")]
    [InlineData("projects/p/locations/l/publishers/google/models/m/operations/1?x=y")]
    public void A_name_of_another_form_is_never_called(string name) => Assert.Null(VertexWire.PollPath(name));

    [Fact]
    public async Task A_filtered_video_is_a_refusal_with_its_support_code()
    {
        var failed = Assert.IsType<PollResult.Failed>(await ReadAsync("""{"done": true, "response": {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": ["Not made. Support codes: 42237218"]}}"""));

        Assert.Equal((ProviderErrorKind.ContentRefused, "support_code_42237218", "Not made. Support codes: 42237218"), (failed.Error.Kind, failed.Error.VendorCode, failed.Error.VendorMessage));
    }

    [Theory]
    [InlineData("{\"done\": true, \"response\": {\"raiMediaFilteredCount\": 1}}", "ContentRefused")]
    [InlineData("{\"done\": true, \"response\": {\"raiMediaFilteredReasons\": [\"We encountered an issue with the audio for your prompt.\"]}}", "ContentRefused")]
    [InlineData("{\"done\": true, \"response\": {}}", "BadOutput")]
    [InlineData("{\"done\": true, \"response\": {\"videos\": [{}]}}", "BadOutput")]
    [InlineData("{\"done\": true}", "BadOutput")]
    public async Task A_success_without_a_file_is_none(string json, string kind) =>
        Assert.Equal(kind, Assert.IsType<PollResult.Failed>(await ReadAsync(json)).Error.Kind.ToString());

    [Theory]
    [InlineData("{\"name\": \"x\"}")]
    [InlineData("{\"name\": \"x\", \"metadata\": {}}")]
    [InlineData("{\"done\": false}")]
    [InlineData("{}")]
    public async Task What_is_not_done_goes_on(string json) => Assert.IsType<PollResult.Running>(await ReadAsync(json));

    [Fact]
    public async Task A_video_inside_an_answer_is_streamed_to_the_disk()
    {
        var bytes = Enumerable.Range(0, 3_000_000).Select(number => (byte)(number * 7)).ToArray();

        var done = Assert.IsType<PollResult.Succeeded>(await ReadAsync($$$"""{"done": true, "response": {"videos": [{"mimeType": "video/mp4", "bytesBase64Encoded": "{{{Convert.ToBase64String(bytes)}}}"}]}}"""));

        Assert.Equal(bytes, await File.ReadAllBytesAsync(Assert.Single(done.Outputs).Path!));
    }

    [Theory]
    [InlineData("https://oauth2.googleapis.com/token", true)]
    [InlineData("http://127.0.0.1:5000/anything", true)]
    [InlineData("http://127.0.0.1:5001/token", false)]
    [InlineData("https://127.0.0.1:5000/token", false)]
    [InlineData("https://oauth2.googleapis.com/token2", false)]
    [InlineData("https://oauth2.googleapis.com.evil.example/token", false)]
    [InlineData("not a url", false)]
    public void Tokens_are_asked_for_at_Google_or_at_the_operators_address_only(string url, bool may) =>
        Assert.Equal(may, VertexTokens.MayAsk(url, new Uri("http://127.0.0.1:5000/")));

    [Theory]
    [InlineData("gs://bucket", "gs://bucket/att_1/")]
    [InlineData("gs://bucket/a/b/", "gs://bucket/a/b/att_1/")]
    public void Each_attempt_has_its_own_folder(string setting, string folder) => Assert.Equal(folder, VertexFolder.Parse(setting)!.Of("att_1"));

    [Theory]
    [InlineData("bucket/a")]
    [InlineData("gs://")]
    [InlineData("https://storage.googleapis.com/bucket")]
    public void A_folder_that_is_none_is_told(string setting) =>
        Assert.Contains("Zoetrope__Vertex__StorageUri", Assert.Throws<InvalidOperationException>(() => VertexFolder.Parse(setting)).Message);

    private async Task<PollResult?> ReadAsync(string json) => VertexWire.ReadPoll(await _answers.OfAsync(200, json), _answers.Shelf, _ => null);
}
