using System.Net;
using Zoetrope.Server;
using Zoetrope.Server.Artifacts;
using Zoetrope.Tests.Artifacts.Media;

namespace Zoetrope.Tests.Artifacts;

public sealed class SignedUrlTests
{
    private static readonly HttpStatusCode[] Refused = [HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.BadRequest];

    [Fact]
    public async Task A_signed_url_serves_the_file_until_it_expires()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var artifact = await host.StoreAsync(TestMedia.Png);
        var url = host.Get<SignedUrls>().ForArtifact(artifact);
        Assert.StartsWith("https://media.example/files/art_", url.AbsoluteUri);
        using var response = await host.SendAsync(HttpMethod.Get, url);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(File.ReadAllBytes(TestMedia.Png), await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        host.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Head, url)).StatusCode);
        host.Time.Advance(TimeSpan.FromMinutes(2));
        using var expired = await host.SendAsync(HttpMethod.Get, url);
        Assert.Equal(HttpStatusCode.Forbidden, expired.StatusCode);
        Assert.Contains("\"INVALID_SIGNATURE\"", await expired.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Every_changed_byte_is_refused()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var url = host.Get<SignedUrls>().ForArtifact(await host.StoreAsync(TestMedia.Png)).PathAndQuery;
        for (var i = "/files/".Length; i < url.Length; i++)
        {
            foreach (var other in new[] { (char)(url[i] ^ 1), 'A', '0', '_' })
            {
                if (other == url[i] || other is '?' or '#' or '/' or ' ' || url[i] is '?' or '/')
                {
                    continue;
                }

                using var response = await host.SendAsync(HttpMethod.Get, url[..i] + Uri.EscapeDataString(other.ToString()) + url[(i + 1)..]);
                Assert.Contains(response.StatusCode, Refused);
            }
        }
    }

    [Fact]
    public async Task Nothing_signed_for_one_thing_opens_another()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var urls = host.Get<SignedUrls>();
        var one = await host.StoreAsync(TestMedia.Png);
        var two = await host.StoreAsync(TestMedia.Jpeg, "acct_two");
        var url = urls.ForArtifact(one).PathAndQuery;
        var exp = Query(url, "exp");
        var sig = Query(url, "sig");
        string[] attacks =
        [
            url.Replace(one.Id, two.Id),
            url.Replace($"exp={exp}", $"exp={long.Parse(exp) + 1}"),
            url.Replace($"exp={exp}", $"exp=0{exp}"),
            url.Replace($"exp={exp}", $"exp={exp}&exp={exp}"),
            url.Replace($"exp={exp}", $"exp=-{exp}"),
            url.Replace($"sig={sig}", $"sig={sig}="),
            url.Replace($"sig={sig}", $"sig={sig}&sig={sig}"),
            url.Replace($"sig={sig}", "sig="),
            url.Replace($"&sig={sig}", ""),
            url + "&dl=1",
            url.Replace("output.png", "output.html"),
            url.Replace("/files/", "/files/../files/x/"),
            $"/files/{one.Id}/..%2f..%2fsecrets%2furl-signing.key?exp={exp}&sig={sig}",
            $"/files/%2e%2e/%2e%2e/secrets/url-signing.key?exp={exp}&sig={sig}",
            $"/files/..%2f..%2fetc%2fpasswd",
            $"/files/{one.Id}%00/output.png?exp={exp}&sig={sig}",
            $"/files//etc/passwd",
            $"/files/{one.Id}",
        ];
        foreach (var attack in attacks)
        {
            using var response = await host.SendAsync(HttpMethod.Get, attack);
            Assert.Contains(response.StatusCode, Refused);
        }

        using var put = await host.SendAsync(HttpMethod.Put, url.Replace("/files/", "/uploads/"));
        Assert.Contains(put.StatusCode, Refused);
        using var post = await host.SendAsync(HttpMethod.Post, url);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    [Fact]
    public async Task A_deleted_file_is_gone_even_with_a_valid_signature()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var artifact = await host.StoreAsync(TestMedia.Png);
        var url = host.Get<SignedUrls>().ForArtifact(artifact);
        Assert.Equal(0, await host.Get<ArtifactRecords>().DeleteAsync("acct_two", artifact.Id));
        Assert.Equal(1, await host.Get<ArtifactRecords>().DeleteAsync("acct_one", artifact.Id));
        using var response = await host.SendAsync(HttpMethod.Get, url);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Seven_days_are_the_longest_life()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var urls = host.Get<SignedUrls>();
        var artifact = await host.StoreAsync(TestMedia.Png);
        Assert.Throws<ArgumentOutOfRangeException>(() => urls.ForArtifact(artifact, lifetime: TimeSpan.FromDays(7) + TimeSpan.FromSeconds(1)));
        var url = urls.ForArtifact(artifact, lifetime: TimeSpan.FromDays(7));
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Head, url)).StatusCode);

        // A node whose clock runs ahead may sign further; this one does not believe it.
        host.Time.SetUtcNow(host.Time.GetUtcNow().AddSeconds(1));
        host.Time.AdjustTime(host.Time.GetUtcNow().AddDays(-1));
        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Head, url)).StatusCode);
    }

    [Fact]
    public async Task A_rotated_key_verifies_until_the_next_rotation_and_is_the_owners_alone()
    {
        await using var host = await ArtifactsHost.StartAsync();
        var keys = host.Get<SigningKeys>();
        var urls = host.Get<SignedUrls>();
        var artifact = await host.StoreAsync(TestMedia.Png);
        var old = urls.ForArtifact(artifact);
        SecretFiles.Rotate(host.Options.DataDirectory, SigningKeys.Secret, revoke: false);
        keys.Reload();
        var current = urls.ForArtifact(artifact);
        Assert.NotEqual(old, current);
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Head, old)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Head, current)).StatusCode);
        SecretFiles.Rotate(host.Options.DataDirectory, SigningKeys.Secret, revoke: false);
        keys.Reload();
        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Head, old)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Head, current)).StatusCode);
        var secrets = Directory.GetFiles(Path.Combine(host.Options.DataDirectory, "secrets"));
        Assert.Equal(2, secrets.Length);
        Assert.All(secrets, path => Assert.True(
            OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite)));

        // Processes that start together end up with one key.
        var fresh = new ArtifactOptions { DataDirectory = Path.Combine(host.Options.DataDirectory, "fresh") };
        var started = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Convert.ToHexString(new SigningKeys(fresh).Current))));
        Assert.Single(started.Append(Convert.ToHexString(new SigningKeys(fresh).Current)).Distinct());
    }

    private static string Query(string url, string name) => url.Split(name + "=")[1].Split('&')[0];
}
