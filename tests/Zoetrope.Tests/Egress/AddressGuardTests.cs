using System.Net;
using Zoetrope.Server.Egress;

namespace Zoetrope.Tests.Egress;

public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("0.0.0.0"), InlineData("0.0.0.1"), InlineData("0.255.255.255")]
    [InlineData("10.0.0.0"), InlineData("10.0.0.1"), InlineData("10.255.255.255")]
    [InlineData("100.64.0.0"), InlineData("100.100.100.200"), InlineData("100.127.255.255")]
    [InlineData("127.0.0.1"), InlineData("127.1.2.3"), InlineData("127.255.255.255")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.0.1"), InlineData("169.254.169.254"), InlineData("169.254.170.2"), InlineData("169.254.255.255")]
    [InlineData("172.16.0.0"), InlineData("172.20.10.1"), InlineData("172.31.255.255")]
    [InlineData("192.0.0.0"), InlineData("192.0.0.8"), InlineData("192.0.0.170"), InlineData("192.0.0.192"), InlineData("192.0.2.1")]
    [InlineData("192.31.196.1"), InlineData("192.52.193.1"), InlineData("192.88.99.1"), InlineData("192.175.48.6")]
    [InlineData("192.168.0.0"), InlineData("192.168.1.1"), InlineData("192.168.255.255")]
    [InlineData("198.18.0.0"), InlineData("198.19.255.255"), InlineData("198.51.100.7"), InlineData("203.0.113.255")]
    [InlineData("224.0.0.1"), InlineData("224.0.0.251"), InlineData("239.255.255.250"), InlineData("240.0.0.1"), InlineData("255.255.255.255")]
    [InlineData("::"), InlineData("::1"), InlineData("::2"), InlineData("::127.0.0.1"), InlineData("::8.8.8.8"), InlineData("::ffff:0:127.0.0.1")]
    [InlineData("::ffff:127.0.0.1"), InlineData("::ffff:10.0.0.1"), InlineData("::ffff:169.254.169.254"), InlineData("::ffff:0.0.0.0"), InlineData("::ffff:7f00:1")]
    [InlineData("64:ff9b::7f00:1"), InlineData("64:ff9b::8.8.8.8"), InlineData("64:ff9b:1::1"), InlineData("64:ff9b:1:fffe::a00:1")]
    [InlineData("100::1"), InlineData("100:0:0:1::1"), InlineData("1::1"), InlineData("1fff:ffff::1")]
    [InlineData("2001::1"), InlineData("2001:0:7f00:1::"), InlineData("2001:1::1"), InlineData("2001:2::1"), InlineData("2001:3::1"), InlineData("2001:4:112::1")]
    [InlineData("2001:10::1"), InlineData("2001:20::1"), InlineData("2001:30::1"), InlineData("2001:1ff:ffff::1"), InlineData("2001:db8::1"), InlineData("2001:db8:ffff::1")]
    [InlineData("2002::1"), InlineData("2002:7f00:1::"), InlineData("2002:a9fe:a9fe::"), InlineData("2002:808:808::1")]
    [InlineData("2620:4f:8000::1"), InlineData("3fff::1"), InlineData("3fff:fff::1")]
    [InlineData("4000::1"), InlineData("5f00::1"), InlineData("8000::1"), InlineData("c000::1")]
    [InlineData("fc00::1"), InlineData("fd00::1"), InlineData("fd00:ec2::254"), InlineData("fdff:ffff::1")]
    [InlineData("fe80::1"), InlineData("fe80::1%1"), InlineData("febf::1"), InlineData("fec0::1"), InlineData("feff::1")]
    [InlineData("ff01::1"), InlineData("ff02::1"), InlineData("ff0e::1"), InlineData("ffff::1")]
    [InlineData("2606:4700::5efe:7f00:1"), InlineData("2606:4700::200:5efe:a00:1"), InlineData("2a00:1450:4001:800:0:5efe:c0a8:101")]
    public void Addresses_that_are_not_the_public_internet_are_refused(string address) =>
        Assert.False(AddressGuard.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.0.0.1"), InlineData("1.1.1.1"), InlineData("8.8.8.8"), InlineData("9.255.255.255"), InlineData("11.0.0.0")]
    [InlineData("93.184.215.14"), InlineData("100.63.255.255"), InlineData("100.128.0.0"), InlineData("126.255.255.255"), InlineData("128.0.0.0")]
    [InlineData("168.63.129.15"), InlineData("169.253.255.255"), InlineData("169.255.0.0"), InlineData("172.15.255.255"), InlineData("172.32.0.0")]
    [InlineData("192.0.1.0"), InlineData("192.0.3.0"), InlineData("192.167.255.255"), InlineData("192.169.0.0"), InlineData("198.17.255.255"), InlineData("198.20.0.0")]
    [InlineData("198.51.99.255"), InlineData("203.0.112.255"), InlineData("203.0.114.0"), InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111"), InlineData("2a00:1450:4001:800::200e"), InlineData("2001:200::1"), InlineData("2001:4860:4860::8888")]
    [InlineData("2001:db7:ffff::1"), InlineData("2003::1"), InlineData("2400:cb00::1"), InlineData("3ffe::1"), InlineData("::ffff:8.8.8.8")]
    public void Public_addresses_pass(string address) => Assert.True(AddressGuard.IsPublic(IPAddress.Parse(address)));
}
