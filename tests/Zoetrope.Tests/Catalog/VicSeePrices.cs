namespace Zoetrope.Tests.Catalog;

/// <summary>VicSee's published prices: model, fixed parameters, varied parameter, its values, their credits.</summary>
internal static class VicSeePrices
{
    public const string Lines = """
        seedance-2-0-text-to-video | resolution=480p | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 100 120 150 170 200 220 250 270 300 320 350 370
        seedance-2-0-text-to-video | resolution=720p | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 220 280 330 390 440 500 550 610 660 720 770 830
        seedance-2-0-text-to-video | resolution=1080p | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 550 690 820 960 1100 1230 1370 1510 1650 1780 1920 2060
        seedance-2-0-image-to-video | resolution=480p | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 100 120 150 170 200 220 250 270 300 320 350 370
        seedance-2-0-image-to-video | resolution=720p | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 220 280 330 390 440 500 550 610 660 720 770 830
        seedance-2-0-image-to-video | resolution=1080p | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 550 690 820 960 1100 1230 1370 1510 1650 1780 1920 2060
        seedance-2-0-reference-to-video | resolution=480p video=2 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 90 105 120 135 150 165 180 195 210 225 240 255
        seedance-2-0-reference-to-video | resolution=480p video=8 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 180 195 210 225 240 255 270 285 300 315 330 345
        seedance-2-0-reference-to-video | resolution=480p video=15 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 285 300 315 330 345 360 375 390 405 420 435 450
        seedance-2-0-reference-to-video | resolution=720p video=2 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 210 245 280 315 350 385 420 455 490 525 560 595
        seedance-2-0-reference-to-video | resolution=720p video=8 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 420 455 490 525 560 595 630 665 700 735 770 805
        seedance-2-0-reference-to-video | resolution=720p video=15 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 665 700 735 770 805 840 875 910 945 980 1015 1050
        seedance-2-0-reference-to-video | resolution=1080p video=2 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 498 581 664 747 830 913 996 1079 1162 1245 1328 1411
        seedance-2-0-reference-to-video | resolution=1080p video=8 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 996 1079 1162 1245 1328 1411 1494 1577 1660 1743 1826 1909
        seedance-2-0-reference-to-video | resolution=1080p video=15 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 1577 1660 1743 1826 1909 1992 2075 2158 2241 2324 2407 2490
        seedance-2-0-reference-to-video | resolution=480p | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 100 120 150 170 200 220 250 270 300 320 350 370
        seedance-2-0-reference-to-video | resolution=720p | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 220 280 330 390 440 500 550 610 660 720 770 830
        seedance-2-0-reference-to-video | resolution=1080p | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 550 690 820 960 1100 1230 1370 1510 1650 1780 1920 2060
        minimax-h3-text-to-video | resolution=768P | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 100 125 150 175 200 225 250 275 300 325 350 375
        minimax-h3-text-to-video | resolution=2K | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 160 200 240 280 320 360 400 440 480 520 560 600
        minimax-h3-image-to-video | resolution=768P | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 100 125 150 175 200 225 250 275 300 325 350 375
        minimax-h3-image-to-video | resolution=2K | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 160 200 240 280 320 360 400 440 480 520 560 600
        minimax-h3-reference-to-video | resolution=768P video=2 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 150 175 200 225 250 275 300 325 350 375 400 425
        minimax-h3-reference-to-video | resolution=768P video=8 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 300 325 350 375 400 425 450 475 500 525 550 575
        minimax-h3-reference-to-video | resolution=768P video=15 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 475 500 525 550 575 600 625 650 675 700 725 750
        minimax-h3-reference-to-video | resolution=2K video=2 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 240 280 320 360 400 440 480 520 560 600 640 680
        minimax-h3-reference-to-video | resolution=2K video=8 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 480 520 560 600 640 680 720 760 800 840 880 920
        minimax-h3-reference-to-video | resolution=2K video=15 | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 760 800 840 880 920 960 1000 1040 1080 1120 1160 1200
        minimax-h3-reference-to-video | resolution=768P | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 100 125 150 175 200 225 250 275 300 325 350 375
        minimax-h3-reference-to-video | resolution=2K | duration | 4 5 6 7 8 9 10 11 12 13 14 15 | 160 200 240 280 320 360 400 440 480 520 560 600
        kling-3-0-text-to-video | mode=standard audio=false | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 84 112 140 168 196 224 252 280 308 336 364 392 420
        kling-3-0-text-to-video | mode=standard audio=true | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 126 168 210 252 294 336 378 420 462 504 546 588 630
        kling-3-0-text-to-video | mode=professional audio=false | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 114 152 190 228 266 304 342 380 418 456 494 532 570
        kling-3-0-text-to-video | mode=professional audio=true | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 168 224 280 336 392 448 504 560 616 672 728 784 840
        kling-3-0-image-to-video | mode=standard audio=false | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 84 112 140 168 196 224 252 280 308 336 364 392 420
        kling-3-0-image-to-video | mode=standard audio=true | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 126 168 210 252 294 336 378 420 462 504 546 588 630
        kling-3-0-image-to-video | mode=professional audio=false | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 114 152 190 228 266 304 342 380 418 456 494 532 570
        kling-3-0-image-to-video | mode=professional audio=true | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 168 224 280 336 392 448 504 560 616 672 728 784 840
        happyhorse-text-to-video | resolution=720p | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 120 160 200 240 280 320 360 400 440 480 520 560 600
        happyhorse-text-to-video | resolution=1080p | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 210 280 350 420 490 560 630 700 770 840 910 980 1050
        happyhorse-image-to-video | resolution=720p | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 120 160 200 240 280 320 360 400 440 480 520 560 600
        happyhorse-image-to-video | resolution=1080p | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 210 280 350 420 490 560 630 700 770 840 910 980 1050
        happyhorse-reference-to-video | resolution=720p | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 120 160 200 240 280 320 360 400 440 480 520 560 600
        happyhorse-reference-to-video | resolution=1080p | duration | 3 4 5 6 7 8 9 10 11 12 13 14 15 | 210 280 350 420 490 560 630 700 770 840 910 980 1050
        happyhorse-video-edit | video=3 | resolution | 720p | 240
        happyhorse-video-edit | video=5 | resolution | 720p | 400
        happyhorse-video-edit | video=15 | resolution | 720p | 1200
        happyhorse-video-edit | video=3 | resolution | 1080p | 420
        happyhorse-video-edit | video=5 | resolution | 1080p | 700
        happyhorse-video-edit | video=15 | resolution | 1080p | 2100
        sora-2-text-to-video |  | duration | 10 15 | 20 30
        sora-2-image-to-video |  | duration | 10 15 | 20 30
        flux-2-pro-text-to-image |  | resolution | 1K 2K | 15 20
        flux-2-pro-image-to-image |  | resolution | 1K 2K | 15 20
        flux-2-flex-text-to-image |  | resolution | 1K 2K | 45 75
        flux-2-flex-image-to-image |  | resolution | 1K 2K | 45 75
        gpt-image-2-text-to-image |  | resolution | 1K 2K 4K | 8 12 20
        gpt-image-2-image-to-image |  | resolution | 1K 2K 4K | 8 12 20
        seedream-4-5-text-to-image |  | quality | basic high | 15 15
        seedream-4-5-image-to-image |  | quality | basic high | 15 15
        seedream-5-lite-text-to-image |  | quality | basic high | 15 15
        seedream-5-lite-image-to-image |  | quality | basic high | 15 15
        topaz-video-upscale | video=0.5 | upscale_factor | 1 2 4 | 16 16 28
        topaz-video-upscale | video=4.5 | upscale_factor | 1 2 4 | 80 80 140
        topaz-video-upscale | video=8.5 | upscale_factor | 1 2 4 | 144 144 252
        topaz-video-upscale | video=60 | upscale_factor | 1 2 4 | 960 960 1680
        """;
}
