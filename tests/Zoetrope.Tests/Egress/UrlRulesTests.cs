using Zoetrope.Server.Egress;

namespace Zoetrope.Tests.Egress;

public sealed class UrlRulesTests
{
    private static readonly EgressOptions Options = new() { AllowHttp = true };

    [Theory]
    [InlineData("http://127.0.0.1/"), InlineData("http://127.1/"), InlineData("http://0.0.0.0/"), InlineData("http://0/"), InlineData("http://2130706433/")]
    [InlineData("http://0x7f000001/"), InlineData("http://0x7f.1/"), InlineData("http://0177.0.0.1/"), InlineData("http://017700000001/"), InlineData("http://127.0.0.1./")]
    [InlineData("http://[::1]/"), InlineData("http://[::]/"), InlineData("http://[::ffff:127.0.0.1]/"), InlineData("http://[::ffff:7f00:1]/"), InlineData("http://[::127.0.0.1]/")]
    [InlineData("http://[64:ff9b::7f00:1]/"), InlineData("http://[2002:7f00:1::]/"), InlineData("http://[fe80::1%25lo]/"), InlineData("http://[fe80::1%lo]/"), InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://10.0.0.1/"), InlineData("http://172.16.0.1/"), InlineData("http://192.168.0.1/"), InlineData("http://100.64.0.1/"), InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("HTTP://127.0.0.1/"), InlineData("hTTpS://10.0.0.1/"), InlineData("http://user@example.com/"), InlineData("http://user:pw@example.com/"), InlineData("http://example.com@127.0.0.1/")]
    [InlineData("http://@example.com/"), InlineData("http://127.0.0.1#@example.com/"), InlineData("http://127.0.0.1?@example.com/"), InlineData("http://example.com\\@127.0.0.1/"), InlineData("http:\\\\127.0.0.1/")]
    [InlineData("file:///etc/passwd"), InlineData("/etc/passwd"), InlineData("//127.0.0.1/"), InlineData("ftp://example.com/x"), InlineData("gopher://example.com/x")]
    [InlineData("data:image/png;base64,AAAA"), InlineData("javascript:alert(1)"), InlineData("blob:https://example.com/x"), InlineData("unix:/run/docker.sock"), InlineData("ws://example.com/")]
    [InlineData("http://example.com:22/"), InlineData("http://example.com:25/"), InlineData("http://example.com:0/"), InlineData("http://example.com:6667/"), InlineData("http://example.com:99999/")]
    [InlineData("http://exa mple.com/"), InlineData("http://example.com/\r\nHost: x"), InlineData("http://example.com/\tx"), InlineData(" http://example.com/"), InlineData("")]
    [InlineData("http://%31%32%37.0.0.1/"), InlineData("http://１２７.0.0.1/"), InlineData("http://127。0。0。1/"), InlineData("http://①②⑦.0.0.1/"), InlineData("http://example.123/")]
    [InlineData("http://1.2.3.4.5/"), InlineData("http://127.0.0.1.:80/"), InlineData("http:///x"), InlineData("http://"), InlineData("http:example.com")]
    [InlineData("http://[::1].example.com/"), InlineData("http://[127.0.0.1]/"), InlineData("http://0300.0250.1.1/"), InlineData("http://0xa9fea9fe/"), InlineData("http://169.254.43518/")]
    [InlineData("http://example.com\u0000.test/"), InlineData("http://[::ffff:169.254.169.254]/"), InlineData("http://255.255.255.255/"), InlineData("http://224.0.0.1/"), InlineData("http://168.63.129.16/")]
    public void Hostile_urls_are_refused_before_anything_is_dialled(string url) =>
        Assert.NotNull(UrlRules.Check(url, Options, new AllowedHosts(""), out _));

    [Theory]
    [InlineData("https://example.com/a.png"), InlineData("https://EXAMPLE.com/a.png?x=1&y=2#f"), InlineData("https://example.com:8443/a"), InlineData("https://8.8.8.8/")]
    [InlineData("https://[2606:4700:4700::1111]/"), InlineData("https://bücher.example/"), InlineData("https://xn--bcher-kva.example/"), InlineData("https://a.b.c.d.example.com./x")]
    [InlineData("https://example.com/%2e%2e/%20?u=http://127.0.0.1/")]
    public void Ordinary_urls_pass(string url) => Assert.Null(UrlRules.Check(url, new EgressOptions(), new AllowedHosts(""), out _));

    [Fact]
    public void Plain_http_needs_an_allowed_private_host()
    {
        Assert.NotNull(UrlRules.Check("http://example.com/", new EgressOptions(), new AllowedHosts(""), out _));
        Assert.Null(UrlRules.Check("http://comfy:8188/x", new EgressOptions(), new AllowedHosts("comfy:8188"), out _));
        Assert.NotNull(UrlRules.Check("http://comfy:8189/x", new EgressOptions(), new AllowedHosts("comfy:8188"), out _));
        Assert.Null(UrlRules.Check("http://10.1.2.3:99/x", new EgressOptions(), new AllowedHosts("10.1.0.0/16"), out _));
        Assert.Null(UrlRules.Check("http://[fd00::5]:8080/x", new EgressOptions(), new AllowedHosts("[fd00::5]:8080"), out _));
        Assert.NotNull(UrlRules.Check("http://[fd00::5]:8081/x", new EgressOptions(), new AllowedHosts("[fd00::5]:8080"), out _));
    }

    [Theory]
    [InlineData("10.0.0.0/99"), InlineData("host:0"), InlineData("host:http"), InlineData("http://host"), InlineData("a b")]
    public void A_typo_in_the_allowed_hosts_stops_the_start(string list) => Assert.Throws<FormatException>(() => new AllowedHosts(list));
}
