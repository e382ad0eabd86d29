using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Zoetrope.Server.Egress;
using Zoetrope.Tests.Fixtures;

namespace Zoetrope.Tests.Egress;

public sealed class EgressClientTests : IDisposable
{
    private static readonly FetchLimits Limits = new(1024 * 1024, TimeSpan.FromSeconds(10));
    private readonly string _path = Path.Combine(Path.GetTempPath(), "zoetrope-egress-" + Guid.NewGuid().ToString("n"));
    private readonly FakeNetwork _network = new();

    public void Dispose() => File.Delete(_path);

    private EgressClient Client(EgressOptions? options = null) =>
        new(options ?? new EgressOptions { AllowHttp = true }, _network.Build(), TimeProvider.System, NullLogger<EgressClient>.Instance);

    private Task<FetchResult> FetchAsync(string url, EgressOptions? options = null, FetchLimits? limits = null, params (string, string)[] headers) =>
        Client(options).FetchToFileAsync(
            new Uri(url), _path, limits ?? Limits, [.. headers.Select(header => KeyValuePair.Create(header.Item1, header.Item2))], TestContext.Current.CancellationToken);

    private async Task<LoopbackServer> ServeAsync(RequestDelegate handler)
    {
        var server = await LoopbackServer.StartAsync(handler);
        _network.LoopbackPort = server.Port;
        _network.Name("public.example", FakeNetwork.PublicAddress).Name("other.example", FakeNetwork.PublicAddress);
        return server;
    }

    [Fact]
    public async Task A_public_file_is_stored_counted_and_hashed()
    {
        await using var server = await ServeAsync(context => context.Response.WriteAsync("hello"));
        var result = await FetchAsync("http://public.example/x");
        Assert.Null(result.Failure);
        Assert.Equal(5, result.Bytes);
        Assert.Equal("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", result.Sha256);
        Assert.Equal("hello", File.ReadAllText(_path));
        Assert.Equal(IPAddress.Parse(FakeNetwork.PublicAddress), Assert.Single(_network.Dialled).Address);
    }

    [Theory]
    [InlineData("127.0.0.1"), InlineData("10.0.0.5"), InlineData("169.254.169.254"), InlineData("::1"), InlineData("fd00::1"), InlineData("64:ff9b::a00:1"), InlineData("::ffff:192.168.0.1")]
    public async Task A_name_that_resolves_inside_is_never_dialled(string address)
    {
        _network.Name("evil.example", address).Name("mixed.example", FakeNetwork.PublicAddress, address);
        Assert.Equal(EgressFailureKind.Unreachable, (await FetchAsync("https://evil.example/")).Failure?.Kind);
        Assert.Equal(EgressFailureKind.Unreachable, (await FetchAsync("https://mixed.example/")).Failure?.Kind);
        Assert.Empty(_network.Dialled);
    }

    [Fact]
    public async Task This_machines_own_public_address_is_never_dialled()
    {
        _network.Name("me.example", "93.184.215.99").Own.Add(IPAddress.Parse("93.184.215.99"));
        Assert.Equal(EgressFailureKind.Unreachable, (await FetchAsync("https://me.example/")).Failure?.Kind);
        Assert.Empty(_network.Dialled);
    }

    [Fact]
    public async Task A_rebinding_name_is_dialled_only_at_the_address_that_was_checked()
    {
        await using var server = await ServeAsync(context => context.Response.WriteAsync("x"));
        var queries = 0;
        _network.Name("rebind.example", () => [IPAddress.Parse(Interlocked.Increment(ref queries) % 2 == 1 ? FakeNetwork.PublicAddress : "127.0.0.1")]);
        for (var i = 0; i < 10; i++)
        {
            await FetchAsync("http://rebind.example/");
        }

        Assert.True(queries >= 10);
        Assert.All(_network.Dialled, endPoint => Assert.Equal(FakeNetwork.PublicAddress, endPoint.Address.ToString()));
    }

    [Theory]
    [InlineData("http://127.0.0.1/"), InlineData("http://169.254.169.254/latest"), InlineData("http://[::1]/"), InlineData("http://inside.example/"), InlineData("file:///etc/passwd")]
    [InlineData("http://2130706433/"), InlineData("http://user@public.example/"), InlineData("//127.0.0.1/x"), InlineData("gopher://public.example/"), InlineData("http://public.example:22/"), InlineData("http://127.1/")]
    public async Task A_redirect_to_a_forbidden_place_is_not_followed(string location)
    {
        await using var server = await ServeAsync(context =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers.Location = location;
            return Task.CompletedTask;
        });
        _network.Name("inside.example", "10.1.2.3");
        var result = await FetchAsync("http://public.example/x");
        Assert.Contains(result.Failure?.Kind, new EgressFailureKind?[] { EgressFailureKind.Unreachable, EgressFailureKind.BadUrl });
        Assert.All(_network.Dialled, endPoint => Assert.Equal(FakeNetwork.PublicAddress, endPoint.Address.ToString()));
        Assert.False(File.Exists(_path));
    }

    [Fact]
    public async Task A_redirect_from_https_rules_to_plain_http_is_refused()
    {
        _network.Name("private.example", "127.0.0.1").Name("public.example", FakeNetwork.PublicAddress);
        await using var server = await ServeAsync(context =>
        {
            context.Response.Redirect("http://public.example/next");
            return Task.CompletedTask;
        });
        var options = new EgressOptions { AllowedPrivateHosts = $"private.example:{server.Port}" };
        var result = await FetchAsync($"http://private.example:{server.Port}/", options);
        Assert.Equal(EgressFailureKind.BadUrl, result.Failure?.Kind);
        Assert.Single(_network.Dialled);
    }

    [Theory]
    [InlineData(3, true), InlineData(4, false), InlineData(1000, false)]
    public async Task At_most_three_redirects_are_followed(int redirects, bool succeeds)
    {
        var served = 0;
        await using var server = await ServeAsync(context =>
        {
            Interlocked.Increment(ref served);
            var at = int.Parse(context.Request.Path.Value![1..]);
            if (at == redirects)
            {
                return context.Response.WriteAsync("end");
            }

            context.Response.Redirect($"/{at + 1}");
            return Task.CompletedTask;
        });
        var result = await FetchAsync("http://public.example/0");
        Assert.Equal(succeeds, result.Failure is null);
        Assert.True(served <= 4);
    }

    [Fact]
    public async Task Headers_stay_with_the_origin_they_were_given_for()
    {
        var seen = new List<string>();
        await using var server = await ServeAsync(context =>
        {
            lock (seen)
            {
                seen.Add($"{context.Request.Host.Host} {context.Request.Headers.Authorization} {context.Request.Headers["X-Secret"]}".Trim());
            }

            if (context.Request.Path == "/a")
            {
                context.Response.Redirect("/b");
            }
            else if (context.Request.Path == "/b")
            {
                context.Response.Redirect("http://other.example/c");
            }

            return Task.CompletedTask;
        });
        await FetchAsync("http://public.example/a", null, null, ("Authorization", "Bearer k"), ("X-Secret", "s"));
        Assert.Equal(["public.example Bearer k s", "public.example Bearer k s", "other.example"], seen);
    }

    [Fact]
    public async Task Http3_is_never_tried()
    {
        var protocols = new List<string>();
        await using var server = await ServeAsync(context =>
        {
            protocols.Add(context.Request.Protocol);
            context.Response.Headers.AltSvc = "h3=\":443\"; ma=86400";
            return context.Response.WriteAsync("x");
        });
        using var client = Client();
        for (var i = 0; i < 3; i++)
        {
            await client.FetchToFileAsync(new Uri("http://public.example/"), _path, Limits, TestContext.Current.CancellationToken);
        }

        Assert.All(protocols, protocol => Assert.Equal("HTTP/1.1", protocol));
    }

    [Fact]
    public async Task A_body_over_the_cap_is_refused_declared_or_not()
    {
        await using var server = await ServeAsync(async context =>
        {
            var declared = context.Request.Path == "/declared";
            if (declared)
            {
                context.Response.ContentLength = 4L * 1024 * 1024 * 1024;
            }

            var block = new byte[64 * 1024];
            try
            {
                for (var i = 0; i < 65536; i++)
                {
                    await context.Response.Body.WriteAsync(block, context.RequestAborted);
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
            }
        });
        Assert.Equal(EgressFailureKind.TooLarge, (await FetchAsync("http://public.example/declared")).Failure?.Kind);
        Assert.Equal(EgressFailureKind.TooLarge, (await FetchAsync("http://public.example/endless")).Failure?.Kind);
        Assert.False(File.Exists(_path));
    }

    [Fact]
    public async Task A_body_that_falls_silent_drips_or_ends_early_is_given_up()
    {
        var options = new EgressOptions { AllowHttp = true, IdleTimeout = TimeSpan.FromMilliseconds(300), HeaderTimeout = TimeSpan.FromSeconds(5), MinimumBytesPerSecond = 1000 };
        await using var server = await ServeAsync(async context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/silent":
                    await context.Response.WriteAsync("x");
                    await context.Response.Body.FlushAsync();
                    await HostileAnswers.NeverAsync(context);
                    break;
                case "/drip":
                    await HostileAnswers.EndlessAsync(context, "x"u8.ToArray(), drips: true);
                    break;
            }
        });
        foreach (var path in new[] { "silent", "drip" })
        {
            Assert.Equal(EgressFailureKind.Incomplete, (await FetchAsync($"http://public.example/{path}", options)).Failure?.Kind);
            Assert.False(File.Exists(_path));
        }

        var total = new FetchLimits(1024, TimeSpan.FromMilliseconds(200));
        Assert.Equal(EgressFailureKind.Incomplete, (await FetchAsync("http://public.example/silent", null, total)).Failure?.Kind);
    }

    [Fact]
    public async Task A_body_shorter_than_declared_is_no_file()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _network.LoopbackPort = ((IPEndPoint)listener.LocalEndpoint).Port;
        _network.Name("public.example", FakeNetwork.PublicAddress);
        var fetch = FetchAsync("http://public.example/");
        using (var connection = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            var stream = connection.GetStream();
            _ = await stream.ReadAsync(new byte[4096], TestContext.Current.CancellationToken);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this"u8.ToArray(), TestContext.Current.CancellationToken);
        }

        Assert.Equal(EgressFailureKind.Incomplete, (await fetch).Failure?.Kind);
        Assert.False(File.Exists(_path));
    }

    [Fact]
    public async Task Headers_that_never_come_or_never_end_are_given_up()
    {
        var options = new EgressOptions { AllowHttp = true, HeaderTimeout = TimeSpan.FromMilliseconds(300) };
        await using var server = await ServeAsync(async context =>
        {
            if (context.Request.Path == "/big")
            {
                context.Response.Headers["X-Big"] = new string('x', 100_000);
                return;
            }

            await HostileAnswers.NeverAsync(context);
        });
        Assert.Equal(EgressFailureKind.Unreachable, (await FetchAsync("http://public.example/never", options)).Failure?.Kind);
        Assert.Equal(EgressFailureKind.Unreachable, (await FetchAsync("http://public.example/big", options)).Failure?.Kind);
    }

    [Fact]
    public async Task A_gzip_bomb_is_not_expanded()
    {
        using var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.Fastest, leaveOpen: true))
        {
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < 64; i++)
            {
                await gzip.WriteAsync(zeros, TestContext.Current.CancellationToken);
            }
        }

        string? accepted = null;
        await using var server = await ServeAsync(context =>
        {
            accepted = context.Request.Headers.AcceptEncoding;
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.Body.WriteAsync(bomb.ToArray()).AsTask();
        });
        Assert.Equal(EgressFailureKind.Encoded, (await FetchAsync("http://public.example/")).Failure?.Kind);
        Assert.Equal("identity", accepted);
    }

    [Theory]
    [InlineData(404), InlineData(500), InlineData(204), InlineData(206), InlineData(300), InlineData(304)]
    public async Task Any_status_but_200_is_no_file(int status)
    {
        await using var server = await ServeAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        Assert.Equal(EgressFailureKind.Status, (await FetchAsync("http://public.example/")).Failure?.Kind);
    }

    [Fact]
    public async Task Blocked_closed_and_unknown_hosts_look_the_same_to_the_client()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        _network.LoopbackPort = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        _network.Name("closed.example", FakeNetwork.PublicAddress).Name("inside.example", "10.0.0.1").Name("empty.example");
        var problems = new List<string>();
        foreach (var url in new[] { "https://closed.example/", "https://inside.example/", "https://unknown.example/", "https://empty.example/", "https://10.0.0.1/", "https://[::1]/" })
        {
            var failure = (await FetchAsync(url)).Failure!;
            var problem = failure.ToProblem("input.image_urls[0]", "");
            problems.Add($"{problem.Kind.Code} {problem.Message} {problem.Allowed}");
        }

        Assert.Single(problems.Distinct());
    }

    [Fact]
    public async Task An_allowed_private_host_is_reached_and_its_neighbours_are_not()
    {
        await using var server = await ServeAsync(context => context.Response.WriteAsync("ok"));
        _network.Name("comfy.internal", "127.0.0.1").Name("db.internal", "127.0.0.1");
        var options = new EgressOptions { AllowedPrivateHosts = $"comfy.internal:{server.Port}" };
        Assert.Null((await FetchAsync($"http://comfy.internal:{server.Port}/", options)).Failure);
        Assert.NotNull((await FetchAsync($"http://db.internal:{server.Port}/", options)).Failure);
        Assert.NotNull((await FetchAsync($"http://127.0.0.1:{server.Port}/", options)).Failure);
        Assert.Single(_network.Dialled);
        var byAddress = new EgressOptions { AllowedPrivateHosts = "127.0.0.0/8" };
        Assert.Null((await FetchAsync($"http://127.0.0.1:{server.Port}/", byAddress)).Failure);
    }

    [Fact]
    public async Task An_operators_client_follows_nothing_and_leaves_its_origin_never()
    {
        var paths = new List<string>();
        await using var server = await ServeAsync(context =>
        {
            paths.Add(context.Request.Path);
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        });
        using var egress = Client(new EgressOptions());
        using var client = egress.ForOperator(new Uri($"http://127.0.0.1:{server.Port}/v1/"));
        using var response = await client.GetAsync("jobs", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(["/v1/jobs"], paths);
        await Assert.ThrowsAsync<EgressException>(() => client.GetAsync("http://localhost:9/x", TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<EgressException>(() => client.GetAsync($"//127.0.0.2:{server.Port}/x", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_operators_client_goes_where_its_rule_says_and_asks_it_for_every_url()
    {
        var paths = new List<string>();
        await using var server = await ServeAsync(context =>
        {
            paths.Add(context.Request.Path);
            return Task.CompletedTask;
        });
        using var egress = Client(new EgressOptions());
        using var client = egress.ForOperator(new Uri($"http://127.0.0.1:{server.Port}/v1/"), url => url.AbsolutePath != "/secret");
        using var there = await client.GetAsync("jobs", TestContext.Current.CancellationToken);
        using var elsewhere = await client.GetAsync($"http://localhost:{server.Port}/region", TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<EgressException>(() => client.GetAsync("/secret", TestContext.Current.CancellationToken));
        Assert.Equal(["/v1/jobs", "/region"], paths);
    }

    [Fact]
    public async Task An_operators_download_is_bounded_too()
    {
        await using var server = await ServeAsync(context => context.Response.WriteAsync("0123456789"));
        using var egress = Client(new EgressOptions());
        using var client = egress.ForOperator(new Uri($"http://127.0.0.1:{server.Port}/"));
        foreach (var (cap, kind) in new (long, EgressFailureKind?)[] { (10, null), (9, EgressFailureKind.TooLarge) })
        {
            using var response = await client.GetAsync("view", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.Equal(kind, (await egress.SaveAsync(response, _path, cap, TestContext.Current.CancellationToken)).Failure?.Kind);
        }
    }

    [Fact]
    public async Task A_webhook_post_is_sent_once_and_its_redirect_is_an_answer()
    {
        var bodies = new List<string>();
        await using var server = await ServeAsync(async context =>
        {
            bodies.Add(await new StreamReader(context.Request.Body).ReadToEndAsync());
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = "http://127.0.0.1/";
        });
        using var egress = Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://public.example/hook") { Content = new StringContent("{}", Encoding.UTF8) };
        using var response = await egress.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Equal(["{}"], bodies);
        using var blocked = new HttpRequestMessage(HttpMethod.Post, "http://10.0.0.1/hook");
        await Assert.ThrowsAsync<EgressException>(() => egress.SendAsync(blocked, TestContext.Current.CancellationToken));
    }
}
