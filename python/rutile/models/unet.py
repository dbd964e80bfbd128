"""U-Net (O. Ronneberger, P. Fischer, T. Brox, *Convolutional Networks for Biomedical Image Segmentation*, 2015)."""

from __future__ import annotations

from .. import _rutile, nn
from .._rutile import cat

__all__ = ["UNet"]


class _DoubleConv(nn.Module):
    """Twice: 3 x 3 convolution, batch norm, ReLU."""

    def __init__(self, in_channels: int, out_channels: int, mid_channels: int | None = None) -> None:
        super().__init__()
        mid = mid_channels or out_channels
        self.double_conv = nn.Sequential(
            nn.Conv2d(in_channels, mid, 3, padding=1, bias=False), nn.BatchNorm2d(mid), nn.ReLU(inplace=True),
            nn.Conv2d(mid, out_channels, 3, padding=1, bias=False), nn.BatchNorm2d(out_channels), nn.ReLU(inplace=True),
        )  # fmt: skip

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        out: _rutile.Tensor = self.double_conv(x)
        return out


class _Down(nn.Module):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.maxpool_conv = nn.Sequential(nn.MaxPool2d(2), _DoubleConv(in_channels, out_channels))

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        out: _rutile.Tensor = self.maxpool_conv(x)
        return out


class _Up(nn.Module):
    def __init__(self, in_channels: int, out_channels: int, bilinear: bool) -> None:
        super().__init__()
        if bilinear:
            self.up: nn.Module = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
            self.conv = _DoubleConv(in_channels, out_channels, in_channels // 2)
        else:
            self.up = nn.ConvTranspose2d(in_channels, in_channels // 2, 2, 2)
            self.conv = _DoubleConv(in_channels, out_channels)

    def forward(self, x: _rutile.Tensor, skipped: _rutile.Tensor) -> _rutile.Tensor:
        x = self.up(x)
        # Odd extents lose a row or a column on the way down.
        rows, columns = (skipped.shape[dim] - x.shape[dim] for dim in (2, 3))
        x = nn.functional.pad(x, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
        out: _rutile.Tensor = self.conv(cat([skipped, x], 1))
        return out


class _OutConv(nn.Module):
    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        out: _rutile.Tensor = self.conv(x)
        return out


class UNet(nn.Module):
    """Segmentation: logits `(n, n_classes, height, width)` for images `(n, n_channels, height, width)` from 16 pixels
    on.

    Four steps down, four steps up, each joined with what went down; padded convolutions with batch norm, so that the
    output has the size of the input. The `state_dict` has the keys of milesial/Pytorch-UNet, the common implementation.

    Args:
        n_channels: channels of the images.
        n_classes: number of logits per pixel.
        bilinear: interpolate on the way up in place of transposed convolutions (17.3 for 31.0 million parameters).
    """

    def __init__(self, n_channels: int, n_classes: int, bilinear: bool = False) -> None:
        super().__init__()
        self.n_channels, self.n_classes, self.bilinear = n_channels, n_classes, bilinear
        factor = 2 if bilinear else 1
        self.inc = _DoubleConv(n_channels, 64)
        self.down1 = _Down(64, 128)
        self.down2 = _Down(128, 256)
        self.down3 = _Down(256, 512)
        self.down4 = _Down(512, 1024 // factor)
        self.up1 = _Up(1024, 512 // factor, bilinear)
        self.up2 = _Up(512, 256 // factor, bilinear)
        self.up3 = _Up(256, 128 // factor, bilinear)
        self.up4 = _Up(128, 64, bilinear)
        self.outc = _OutConv(64, n_classes)

    def forward(self, x: _rutile.Tensor) -> _rutile.Tensor:
        levels = [self.inc(x)]
        for down in (self.down1, self.down2, self.down3, self.down4):
            levels.append(down(levels[-1]))
        x = levels.pop()
        for up in (self.up1, self.up2, self.up3, self.up4):
            x = up(x, levels.pop())
        logits: _rutile.Tensor = self.outc(x)
        return logits
